package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.perennial.persistence.CassandraSession;
import dev.perennial.persistence.CassandraSettings;
import dev.perennial.persistence.MemberRegistry;
import dev.perennial.persistence.embedded.EmbeddedCassandra;
import dev.perennial.persistence.embedded.EmbeddedCassandraSettings;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first seed starts where it reaches no other, while one says in the database that it is at work. */
final class FounderIT {
    private static final Duration START = Duration.ofSeconds(60);
    /** As long as the founder looks for others, and as long again. */
    private static final Duration FOUNDING = Duration.ofSeconds(10);

    private static final Duration STEP = Duration.ofSeconds(1);
    private static final Duration AT_WORK = Duration.ofSeconds(4);

    @TempDir
    private Path directory;

    @Test
    void foundsNoClusterBesideANodeThatIsAtWorkAndOneOnceThereIsNone() throws Exception {
        try (EmbeddedCassandra cassandra =
                EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(directory.resolve("database")))) {
            InetSocketAddress database = cassandra.contactPoint();
            int port = NodeProcess.freePort();
            String other = "127.0.0.1:" + NodeProcess.freePort();
            Path config = Files.writeString(directory.resolve("founder.conf"), """
                    perennial {
                      cluster { roles = [api, domain], port = %d, seeds = ["127.0.0.1:%d", "%s"] }
                      cassandra.contact-points = ["%s:%d"]
                    }
                    """.formatted(
                            port, port, other, database.getHostString(), database.getPort()));
            String[] options = {"--config", config.toString()};
            try (NodeProcess first =
                    NodeProcess.begin(directory.resolve("node"), options).awaitReady()) {
                first.terminate();
                first.awaitExit(START);
            }
            CassandraSettings settings = CassandraSettings.embedded(database);
            try (CqlSession session =
                    CassandraSession.open(settings).toCompletableFuture().join()) {
                MemberRegistry members = MemberRegistry.open(session, settings)
                        .toCompletableFuture()
                        .join();
                waits(members, other, options);
            }
        }
    }

    private void waits(MemberRegistry members, String other, String... options) throws Exception {
        members.atWork(other, START).toCompletableFuture().join();
        try (NodeProcess founder = NodeProcess.begin(directory.resolve("node"), options)) {
            Await.until("it sees the other", START, () -> founder.output().contains("founds no cluster beside them"));
            for (Duration passed = Duration.ZERO; passed.compareTo(FOUNDING) < 0; passed = passed.plus(STEP)) {
                members.atWork(other, AT_WORK).toCompletableFuture().join();
                assertFalse(founder.answersReady(), founder::output);
                Thread.sleep(STEP.toMillis());
            }
            founder.awaitReady();
        }
    }
}
