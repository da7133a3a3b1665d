package dev.perennial.simulations.cluster;

import dev.perennial.persistence.embedded.CassandraStartException;
import dev.perennial.persistence.embedded.EmbeddedCassandra;
import dev.perennial.persistence.embedded.EmbeddedCassandraSettings;
import dev.perennial.persistence.embedded.ServerExit;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The one Cassandra that all nodes share; it starts again by itself after it was killed. */
final class Database implements AutoCloseable {
    // Long, for a machine that has other things to do.
    private static final Duration START = Duration.ofMinutes(5);
    private static final String LIBRARY = "perennial.cassandra.lib";

    private final EmbeddedCassandra server;
    private final Semaphore restarts;

    private Database(EmbeddedCassandra server, Semaphore restarts) {
        this.server = server;
        this.restarts = restarts;
    }

    static Database start(Path directory) throws InterruptedException {
        if (System.getProperty(LIBRARY) == null) {
            besideUs().ifPresent(folder -> System.setProperty(LIBRARY, folder.toString()));
        }
        Semaphore restarts = new Semaphore(0);
        try {
            return new Database(
                    EmbeddedCassandra.start(
                            EmbeddedCassandraSettings.defaults(directory).withStartTimeout(START),
                            new EmbeddedCassandra.Listener() {
                                @Override
                                public void restarted(Duration time) {
                                    restarts.release();
                                }

                                @Override
                                public void exited(ServerExit exit) {
                                    restarts.drainPermits();
                                }
                            }),
                    restarts);
        } catch (CassandraStartException e) {
            throw new SimulationException(e.getMessage() + String.join("\n", e.logTail()));
        }
    }

    /** The build puts the server's jars beside the program's jar, not beside the simulations'. */
    private static java.util.Optional<Path> besideUs() {
        CodeSource source = Database.class.getProtectionDomain().getCodeSource();
        try {
            Path root =
                    source == null ? Path.of("") : Path.of(source.getLocation().toURI());
            return Stream.iterate(root.toAbsolutePath(), java.util.Objects::nonNull, Path::getParent)
                    .limit(5)
                    .flatMap(folder ->
                            List.of("cluster-node/target/cassandra", "persistence/cassandra/target/lib").stream()
                                    .map(folder::resolve))
                    .filter(Files::isDirectory)
                    .findFirst();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    InetSocketAddress contactPoint() {
        return server.contactPoint();
    }

    long pid() {
        return server.pid();
    }

    /** SIGKILL; it is started again at once, which takes some seconds. */
    void kill() {
        restarts.drainPermits();
        Signals.send("-KILL", server.pid());
    }

    boolean awaitRestart(Duration limit) throws InterruptedException {
        return restarts.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        server.close();
    }
}
