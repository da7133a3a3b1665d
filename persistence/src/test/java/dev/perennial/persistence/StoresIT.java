package dev.perennial.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.perennial.persistence.SharedCassandra.Server;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedCassandra.class)
class StoresIT {
    private static final Instant NOW = Instant.parse("2026-03-01T10:15:30.123Z");

    private final Server server;

    StoresIT(Server server) {
        this.server = server;
    }

    @Test
    void givesExamplesBackInTheOrderAsked() throws Exception {
        ExampleStore store = Await.result(ExampleStore.open(server.session(), server.settings()));
        List<StoredExample> examples = IntStream.range(0, 500)
                .mapToObj(n -> new StoredExample("id-" + n, "{\"text\":\"Grüße " + n + "\"}", NOW, "upload"))
                .toList();
        Await.result(store.put("chemistry", examples));
        List<StoredExample> asked =
                IntStream.of(499, 3, 3, 77).mapToObj(examples::get).toList();
        assertEquals(
                asked,
                Await.result(store.get(
                        "chemistry", asked.stream().map(StoredExample::id).toList())));
    }

    @Test
    void remembersTheNewestProtocol() throws Exception {
        ProtocolRegistry protocols = Await.result(ProtocolRegistry.open(server.session(), server.settings()));
        assertEquals(0, Await.result(protocols.newest()));
        Await.result(protocols.record(2));
        Await.result(protocols.record(1));
        Await.result(protocols.record(2));
        assertEquals(2, Await.result(protocols.newest()));
    }

    @Test
    void namesTheExamplesItDoesNotHave() throws Exception {
        ExampleStore store = Await.result(ExampleStore.open(server.session(), server.settings()));
        Await.result(store.put("physics", List.of(new StoredExample("here", "{}", NOW, "upload"))));
        Throwable cause = assertThrows(
                        ExecutionException.class,
                        () -> Await.result(store.get("physics", List.of("gone", "here", "lost"))))
                .getCause();
        assertEquals(
                List.of("gone", "lost"),
                assertInstanceOf(MissingExamplesException.class, cause).ids());
    }

    @Test
    void puttingAnExampleAgainLeavesOne() throws Exception {
        ExampleStore store = Await.result(ExampleStore.open(server.session(), server.settings()));
        StoredExample example = new StoredExample("same", "{}", NOW, "upload");
        Await.result(store.put("biology", List.of(example, example)));
        Await.result(store.put("biology", List.of(example)));
        assertEquals(List.of(example), Await.result(store.get("biology", List.of("same"))));
    }

    @Test
    void deletesExamplesThoughTheyArePutAgainMeanwhile() throws Exception {
        ExampleStore store = Await.result(ExampleStore.open(server.session(), server.settings()));
        StoredExample kept = new StoredExample("kept", "{}", NOW, "upload");
        StoredExample gone = new StoredExample("gone", "{}", NOW, "upload");
        Await.result(store.put("geology", List.of(kept, gone)));
        Await.result(store.delete(
                "geology", List.of("gone", "unknown"), Instant.now().plusSeconds(60)));
        Await.result(store.delete("geology", List.of("gone"), Instant.now().plusSeconds(60)));
        Await.result(store.put("geology", List.of(gone)));
        Throwable cause = assertThrows(
                        ExecutionException.class, () -> Await.result(store.get("geology", List.of("gone", "kept"))))
                .getCause();
        assertEquals(
                List.of("gone"),
                assertInstanceOf(MissingExamplesException.class, cause).ids());
        assertEquals(List.of(kept), Await.result(store.get("geology", List.of("kept"))));
    }

    @Test
    void remembersServedCompletions() throws Exception {
        CompletionStore store = Await.result(
                CompletionStore.open(server.session(), server.settings(), CompletionStore.DEFAULT_TIME_TO_LIVE));
        ServedCompletion served = new ServedCompletion("cmpl-1", "chemistry", "chemistry@3", "{}", "water", NOW);
        Await.result(store.put(served));
        assertEquals(Optional.of(served), Await.result(store.get("cmpl-1")));
        assertEquals(Optional.empty(), Await.result(store.get("cmpl-2")));
    }

    @Test
    void forgetsServedCompletionsInTheEnd() throws Exception {
        CompletionStore store =
                Await.result(CompletionStore.open(server.session(), server.settings(), Duration.ofSeconds(1)));
        Await.result(store.put(new ServedCompletion("cmpl-3", "d", "d@1", "{}", "", NOW)));
        Await.until(
                "it expires",
                Duration.ofSeconds(10),
                () -> Await.result(store.get("cmpl-3")).isEmpty());
    }

    @Test
    void severalNodesMayCreateTheSchemaAtOnce() throws Exception {
        CassandraSettings fresh = new CassandraSettings(
                server.settings().contactPoints(),
                server.settings().localDatacenter(),
                "raced",
                1,
                Duration.ofSeconds(10));
        List<CqlSession> sessions = new ArrayList<>();
        for (int node = 0; node < 3; node++) {
            sessions.add(Await.result(CassandraSession.open(fresh)));
        }
        try {
            Await.result(BoundedConcurrency.map(sessions, 3, session -> Schema.create(session, fresh)));
            assertFalse(Schema.exists(server.session(), fresh), "the journal has no tables there yet");
            ExampleStore store = Await.result(ExampleStore.open(server.session(), fresh));
            StoredExample example = new StoredExample("one", "{}", NOW, "upload");
            Await.result(store.put("d", List.of(example)));
            assertEquals(List.of(example), Await.result(store.get("d", List.of("one"))));
        } finally {
            sessions.forEach(CqlSession::close);
        }
    }
}
