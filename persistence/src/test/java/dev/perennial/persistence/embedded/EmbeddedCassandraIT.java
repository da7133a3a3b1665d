package dev.perennial.persistence.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import dev.perennial.persistence.Await;
import dev.perennial.persistence.CassandraSession;
import dev.perennial.persistence.CassandraSettings;
import dev.perennial.persistence.ExampleStore;
import dev.perennial.persistence.Schema;
import dev.perennial.persistence.SharedCassandra;
import dev.perennial.persistence.SharedCassandra.Server;
import dev.perennial.persistence.StoredExample;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedCassandra.class)
class EmbeddedCassandraIT {
    private static final StoredExample EXAMPLE =
            new StoredExample("id", "{}", Instant.parse("2026-03-01T10:15:30Z"), "test");

    @TempDir
    Path data;

    @Test
    void keepsDataAcrossRestartsOnOtherPorts() throws Exception {
        try (EmbeddedCassandra first = start();
                CqlSession session = Await.result(CassandraSession.open(settings(first)))) {
            Await.result(Schema.create(session, settings(first)));
            ExampleStore store = Await.result(ExampleStore.open(session, settings(first)));
            Await.result(store.put("d", List.of(EXAMPLE)));
        }
        assertTrue(Files.readString(data.resolve("cassandra/logs/system.log")).contains("Cassandra shutdown complete"));
        try (EmbeddedCassandra second = start();
                CqlSession session = Await.result(CassandraSession.open(settings(second)))) {
            Await.result(Schema.create(session, settings(second)));
            ExampleStore store = Await.result(ExampleStore.open(session, settings(second)));
            assertEquals(List.of(EXAMPLE), Await.result(store.get("d", List.of("id"))));
        }
    }

    @Test
    void endsWhenItsParentIsKilled() throws Exception {
        Process parent = new ProcessBuilder(
                        Java17.find().toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dperennial.cassandra.lib=" + System.getProperty("perennial.cassandra.lib"),
                        ForkedLauncher.class.getName(),
                        data.toString())
                .redirectErrorStream(true)
                .start();
        try {
            ProcessHandle child = ProcessHandle.of(serverPid(parent)).orElseThrow();
            assertRefused(data, parent.pid());
            parent.destroyForcibly();
            Await.until("the server ends with its parent", Duration.ofSeconds(10), () -> !child.isAlive());
            DataLock.acquire(data).close(); // and the data directory is free
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void recoversFromTheDeathOfTheServer(Server server) throws Exception {
        ExampleStore store = Await.result(ExampleStore.open(server.session(), server.settings()));
        Await.result(store.put("d", List.of(EXAMPLE)));
        long killed = server.cassandra().pid();
        assertTrue(ProcessHandle.of(killed).orElseThrow().destroyForcibly());
        Await.until("requests fail", Duration.ofSeconds(5), () -> !answers(store));
        Await.until("requests are answered again", Duration.ofSeconds(40), () -> answers(store));
        assertNotEquals(killed, server.cassandra().pid());
        assertEquals(List.of(EXAMPLE), Await.result(store.get("d", List.of("id"))));
    }

    @Test
    void refusesADataDirectoryInUse(Server server) {
        assertRefused(server.data(), ProcessHandle.current().pid());
    }

    @Test
    void quotesTheServersLastWordsWhenItDoesNotStart() {
        CassandraStartException e = assertThrows(
                CassandraStartException.class,
                () -> EmbeddedCassandra.start(
                        EmbeddedCassandraSettings.defaults(data).withYamlOverrides(Map.of("no_such_setting", "1"))));
        assertTrue(e.toString().contains("no_such_setting"), e.toString());
        assertTrue(e.logTail().size() <= 20);
    }

    @Test
    void givesUpOnAServerThatTakesTooLong() throws Exception {
        CassandraStartException e = assertThrows(
                CassandraStartException.class,
                () -> EmbeddedCassandra.start(
                        EmbeddedCassandraSettings.defaults(data).withStartTimeout(Duration.ofMillis(300))));
        assertTrue(e.toString().contains("not ready within"), e.toString());
        DataLock.acquire(data).close();
    }

    @Test
    void refusesADiskThatIsTooFull() {
        CassandraStartException e = assertThrows(
                CassandraStartException.class,
                () -> EmbeddedCassandra.start(
                        EmbeddedCassandraSettings.defaults(data).withMinimumFreeBytes(Long.MAX_VALUE)));
        assertTrue(e.toString().contains("too little disk space"), e.toString());
    }

    @Test
    void refusesADataDirectoryItCannotWrite() throws IOException {
        Path file = Files.writeString(data.resolve("file"), "");
        CassandraStartException e = assertThrows(
                CassandraStartException.class, () -> EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(file)));
        assertTrue(e.toString().contains("cannot write to the data directory " + file), e.toString());
    }

    private EmbeddedCassandra start() throws InterruptedException {
        EmbeddedCassandra cassandra = EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(data));
        System.out.println(
                "embedded Cassandra ready in " + cassandra.startTime().toMillis() + " ms");
        return cassandra;
    }

    private static CassandraSettings settings(EmbeddedCassandra cassandra) {
        return CassandraSettings.embedded(cassandra.contactPoint());
    }

    private static void assertRefused(Path data, long pid) {
        CassandraStartException e = assertThrows(
                CassandraStartException.class, () -> EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(data)));
        assertTrue(e.toString().endsWith("in use by another instance, process " + pid), e.toString());
    }

    /** Either way, the outcome is known soon after the timeout of requests. */
    private static boolean answers(ExampleStore store) throws Exception {
        long begin = System.nanoTime();
        try {
            Await.result(store.get("d", List.of("id")));
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DriverException) {
                return false;
            }
            throw e;
        } finally {
            assertTrue(System.nanoTime() - begin < Duration.ofSeconds(7).toNanos(), "a request hung");
        }
    }

    private static long serverPid(Process parent) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("server ")) {
                return Long.parseLong(line.substring("server ".length()));
            }
        }
        throw new AssertionError("the forked launcher ended early");
    }
}
