package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database is killed under requests in flight, and comes back by itself. */
final class CassandraOutageIT {
    /** The ask timeout of 10 s, and what a busy machine may take besides. */
    private static final double LONGEST_SECONDS = 12;

    private static final List<String> CALLS =
            List.of("list domains", "send examples", "create a domain", "give feedback");
    private static final Duration RECOVERY = Duration.ofSeconds(90);

    @TempDir
    private static Path data;

    private static NodeProcess node;
    private static NodeClient client;

    @BeforeAll
    static void start() throws Exception {
        node = NodeProcess.start(data);
        client = node.client();
    }

    @AfterAll
    static void stop() throws Exception {
        node.close();
    }

    /** @param name of the call, for messages */
    private record Seen(String name, int status, double seconds, JsonNode body) {}

    @Test
    void answersErrorsInTimeThenRecoversWithoutARestart() throws Exception {
        Facts facts = new Facts();
        client.post("/v1/domains", Map.of("id", "news", "description", "Asked all the time."))
                .expect(201);
        client.post("/v1/domains", Facts.domain("queued", 1)).expect(201);
        client.examples("queued", facts.examples()).expect(200);
        String completion =
                client.ask("news", facts.question()).expect(200).path("id").asText();
        AtomicInteger numbers = new AtomicInteger();
        AtomicInteger acknowledged = new AtomicInteger();
        ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        ProcessHandle database = node.database();
        long held = 0;
        ExecutorService callers = Executors.newCachedThreadPool();
        try {
            CompletableFuture<?> calls = CompletableFuture.allOf(Stream.of(
                            repeated("list domains", () -> client.get("/v1/domains"), seen, over, callers),
                            repeated("send examples", () -> send(numbers, acknowledged), seen, over, callers),
                            repeated(
                                    "create a domain",
                                    () -> client.post(
                                            "/v1/domains",
                                            Map.of(
                                                    "id",
                                                    "made-" + numbers.incrementAndGet(),
                                                    "description",
                                                    "one more")),
                                    seen,
                                    over,
                                    callers),
                            repeated(
                                    "give feedback",
                                    () -> client.post(
                                            "/v1/feedback", Map.of("completion_id", completion, "rating", "up")),
                                    seen,
                                    over,
                                    callers))
                    .toArray(CompletableFuture<?>[]::new));
            Await.until("calls are in flight", Duration.ofSeconds(30), () -> seen.size() >= 8);
            assertTrue(database.destroyForcibly());
            // However fast it starts, it stands still until every call has been without it.
            held = nextDatabase(database.pid());
            signal("STOP", held);
            assertEquals(
                    facts.stale(),
                    NodeClient.text(client.ask("base", facts.question()).expect(200)));
            Seen journaled =
                    timed("request an update", () -> client.post("/v1/domains/queued/updates", Facts.update()));
            assertTrue(List.of(202, 503).contains(journaled.status()), journaled::toString);
            assertTrue(journaled.seconds() < LONGEST_SECONDS, journaled::toString);

            Await.until(
                    "every call has failed once",
                    RECOVERY,
                    () -> CALLS.stream().allMatch(call -> hasFailed(call, seen)));
            signal("CONT", held);
            Await.until(
                    "examples are accepted again",
                    RECOVERY,
                    () -> send(numbers, acknowledged).status() == 200);
            over.set(true);
            calls.join();
        } finally {
            if (held != 0) {
                signal("CONT", held);
            }
            over.set(true);
            callers.shutdown();
        }

        for (Seen each : seen) {
            assertTrue(each.status() < 300 || each.status() == 503, () -> each + "\n" + node.output());
            assertTrue(each.seconds() < LONGEST_SECONDS, each::toString);
            if (each.status() == 503) {
                JsonNode error = each.body().path("error");
                assertEquals("unavailable_error", error.path("type").asText(), each::toString);
                assertEquals("unavailable", error.path("code").asText(), each::toString);
                assertFalse(error.path("message").asText().isBlank(), each::toString);
            }
        }
        for (String call : CALLS) {
            assertTrue(hasFailed(call, seen), () -> "no failed call: " + call + "; " + seen);
        }
        assertTrue(node.isAlive());
        assertNotEquals(database.pid(), node.database().pid());
        assertDataIsThere(facts, acknowledged.get());
    }

    private static boolean hasFailed(String call, Collection<Seen> seen) {
        return seen.stream().anyMatch(each -> each.name().equals(call) && each.status() == 503);
    }

    /** The process that the node starts in the place of another. */
    private static long nextDatabase(long killed) throws Exception {
        AtomicLong next = new AtomicLong();
        Await.until("the database is started again", RECOVERY, () -> {
            ProcessHandle.of(node.pid())
                    .orElseThrow()
                    .children()
                    .map(ProcessHandle::pid)
                    .filter(pid -> pid != killed)
                    .findFirst()
                    .ifPresent(next::set);
            return next.get() != 0;
        });
        return next.get();
    }

    private static void signal(String name, long pid) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start();
        assertEquals(0, kill.waitFor());
    }

    private static void assertDataIsThere(Facts facts, int acknowledged) throws Exception {
        Await.until(
                "every domain answers again",
                RECOVERY,
                () -> client.get("/v1/domains/queued").status() == 200
                        && client.get("/v1/domains/news").status() == 200);
        JsonNode news = client.get("/v1/domains/news").expect(200);
        assertTrue(news.path("examples").path("accepted").asInt() >= acknowledged, news::toString);
        JsonNode again = client.examples("queued", facts.examples()).expect(200);
        assertEquals(facts.examples().size(), again.path("duplicates").asInt(), again::toString);
        // The request that was in flight was taken or was not; either way there is one update now, and it runs.
        NodeClient.Answer update = client.post("/v1/domains/queued/updates", Facts.update());
        assertTrue(List.of(202, 409).contains(update.status()), update::toString);
        client.awaitUpdate("queued-u1", "live");
        assertEquals(
                "queued@1",
                client.get("/v1/domains/queued")
                        .expect(200)
                        .path("live_version")
                        .asText());
        client.post("/v1/domains", Map.of("id", "later", "description", "made after the outage"))
                .expect(201);
    }

    private static NodeClient.Answer send(AtomicInteger next, AtomicInteger acknowledged) throws IOException {
        int number = next.incrementAndGet();
        NodeClient.Answer answer = client.examples(
                "news", List.of(Map.of("prompt", "Question " + number + "?", "completion", "Answer " + number)));
        if (answer.status() == 200) {
            acknowledged.incrementAndGet();
        }
        return answer;
    }

    private static CompletableFuture<Void> repeated(
            String name,
            Callable<NodeClient.Answer> call,
            ConcurrentLinkedQueue<Seen> seen,
            AtomicBoolean over,
            ExecutorService callers) {
        return CompletableFuture.runAsync(
                () -> {
                    while (!over.get()) {
                        seen.add(timed(name, call));
                    }
                },
                callers);
    }

    private static Seen timed(String name, Callable<NodeClient.Answer> call) {
        long began = System.nanoTime();
        try {
            NodeClient.Answer answer = call.call();
            return new Seen(name, answer.status(), (System.nanoTime() - began) / 1e9, answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        } catch (Exception e) {
            throw new IllegalStateException(name, e);
        }
    }
}
