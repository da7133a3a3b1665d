package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node is killed without a warning, or told to stop, and started again on the same data. */
final class CrashIT {
    private static final int STEPS = 100;
    private static final int BATCH = 20;

    @TempDir
    private static Path data;

    private static Path config;
    private static NodeProcess node;

    @BeforeAll
    static void start() throws Exception {
        config = Files.writeString(data.resolve("crash.conf"), "perennial.training.checkpoint-interval = 100 ms");
        node = startNode();
    }

    private static NodeProcess startNode() throws Exception {
        return NodeProcess.begin(data, "--config", config.toString()).awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        node.close();
    }

    private static void killAndStartAgain() throws Exception {
        node.close();
        node = startNode();
    }

    @Test
    void goesOnFromTheCheckpointOfAnUpdateThatWasTrainingWhenTheNodeWasStoppedAndKilled() throws Exception {
        Facts facts = new Facts();
        int taught = facts.examples().size();
        NodeClient before = node.client();
        before.post("/v1/domains", Facts.domain("killed", STEPS)).expect(201);
        before.examples("killed", facts.examples()).expect(200);
        before.post("/v1/domains/killed/updates", Facts.update()).expect(202);
        int stoppedAfter = checkpointAfter(0);
        node.terminate();
        // As a shell says of what TERM ended.
        assertEquals(143, node.awaitExit(Duration.ofMinutes(1)), node::output);
        node.close();
        node = startNode();

        int left = checkpoint();
        assertTrue(left >= stoppedAfter, "what it had when it stopped: " + stoppedAfter + ", then " + left);
        int saved = checkpointAfter(left);
        assertTrue(saved < STEPS, "killed before it was trained, at step " + saved);

        killAndStartAgain();

        NodeClient after = node.client();
        assertEquals(taught, accepted(after, "killed"));
        JsonNode update = after.awaitUpdate("killed-u1", "live", "failed", "rejected", "cancelled");
        assertEquals("live", update.path("state").asText(), update::toString);
        assertEquals("killed@1", update.path("version").asText(), update::toString);
        assertEquals(3, update.path("attempts").asInt(), update::toString);
        assertEquals(
                List.of("queued", "running", "running", "running", "live"),
                update.path("history").findValuesAsText("state"),
                update::toString);
        String note = update.path("history").path(3).path("note").asText();
        assertTrue(note.matches("attempt 3 was given the checkpoint of step [1-9][0-9]*"), update::toString);
        JsonNode versions = after.get("/v1/domains/killed/versions").expect(200).path("data");
        assertEquals(1, versions.size(), versions::toString);
        JsonNode manifest = versions.path(0).path("manifest");
        assertEquals(STEPS, manifest.path("steps").asInt(), manifest::toString);
        int resumedAt = manifest.path("resumed_at").asInt();
        assertTrue(saved <= resumedAt && resumedAt < STEPS, () -> "saved at " + saved + "; " + manifest);
        NodeClient.Answer answer = after.ask("killed", facts.question());
        assertEquals(facts.fresh(), NodeClient.text(answer.expect(200)));
        assertEquals(
                "killed@1", answer.headers().firstValue("Perennial-Version").orElse(""));

        JsonNode again = after.examples("killed", facts.examples()).expect(200);
        assertEquals(taught, again.path("duplicates").asInt(), again::toString);
        assertEquals(taught, accepted(after, "killed"));
        JsonNode nothingNew =
                after.post("/v1/domains/killed/updates", Facts.update()).expect(409);
        assertTrue(nothingNew.path("error").path("message").asText().contains("has 0 of them"), nothingNew::toString);
    }

    private static int checkpoint() throws IOException {
        return node.client()
                .get("/v1/updates/killed-u1")
                .expect(200)
                .path("checkpoint")
                .path("step")
                .asInt();
    }

    /** The first checkpoint that is taken after a step. */
    private static int checkpointAfter(int step) throws Exception {
        AtomicInteger saved = new AtomicInteger();
        Await.until("a checkpoint after step " + step + " is taken", Duration.ofMinutes(1), () -> {
            JsonNode update = node.client().get("/v1/updates/killed-u1").expect(200);
            assertTrue(
                    List.of("queued", "running").contains(update.path("state").asText()),
                    () -> "it ended before that: " + update);
            saved.set(update.path("checkpoint").path("step").asInt());
            return saved.get() > step;
        });
        return saved.get();
    }

    @Test
    void losesNoAcknowledgedExampleAndADeletedOneStaysDeleted() throws Exception {
        node.client()
                .post("/v1/domains", Map.of("id", "deleting", "description", "Killed when it has deleted."))
                .expect(201);
        List<Map<String, String>> both = List.of(
                Map.of("prompt", "What is kept?", "completion", "This"),
                Map.of("prompt", "What is deleted?", "completion", "That"));
        node.client().examples("deleting", both).expect(200);
        String id = id(
                "{\"form\":\"completion\",\"prompt\":\"What is deleted?\",\"completion\":\"That\",\"use\":\"train\"}");
        node.client()
                .post("/v1/domains", Map.of("id", "kept", "description", "Killed while it listens."))
                .expect(201);
        List<Map<String, String>> sent = new ArrayList<>();
        AtomicInteger acknowledged = new AtomicInteger();
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendUntilKilled(sent, acknowledged));
        Await.until("some batches are acknowledged", Duration.ofSeconds(30), () -> acknowledged.get() >= 3 * BATCH);
        node.client().delete("/v1/domains/deleting/examples/" + id).expect(204);

        killAndStartAgain();

        sending.join();
        int counted = accepted(node.client(), "kept");
        String counts = "sent " + sent.size() + ", acknowledged " + acknowledged + ", counted " + counted;
        assertTrue(acknowledged.get() <= counted && counted <= sent.size(), counts);
        JsonNode known = node.client()
                .examples("kept", sent.subList(0, acknowledged.get()))
                .expect(200);
        assertEquals(acknowledged.get(), known.path("duplicates").asInt(), known::toString);
        node.client().examples("kept", sent).expect(200);
        assertEquals(sent.size(), accepted(node.client(), "kept"));
        assertStaysDeleted(both);
    }

    private static void assertStaysDeleted(List<Map<String, String>> both) throws IOException {
        JsonNode again = node.client().examples("deleting", both).expect(200);
        assertEquals(1, again.path("duplicates").asInt(), again::toString);
        assertEquals(1, again.path("rejected").asInt(), again::toString);
        assertEquals(2, again.path("errors").path(0).path("line").asInt(), again::toString);
        JsonNode counts = node.client().get("/v1/domains/deleting").expect(200).path("examples");
        assertEquals(1, counts.path("accepted").asInt(), counts::toString);
        assertEquals(1, counts.path("waiting").asInt(), counts::toString);
        assertEquals(1, counts.path("deleted").asInt(), counts::toString);
    }

    /** As the program makes it from an example's canonical form. */
    private static String id(String canonical) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest).substring(0, 32);
    }

    /** Only this thread adds to what was sent, and it has ended before others look. */
    private static void sendUntilKilled(List<Map<String, String>> sent, AtomicInteger acknowledged) {
        NodeClient client = node.client();
        while (true) {
            List<Map<String, String>> batch = IntStream.range(sent.size(), sent.size() + BATCH)
                    .mapToObj(i -> Map.of("prompt", "Question " + i + "?", "completion", "Answer " + i))
                    .toList();
            sent.addAll(batch);
            try {
                client.examples("kept", batch).expect(200);
                acknowledged.addAndGet(BATCH);
            } catch (IOException killed) {
                return;
            }
        }
    }

    private static int accepted(NodeClient client, String domain) throws IOException {
        return client.get("/v1/domains/" + domain)
                .expect(200)
                .path("examples")
                .path("accepted")
                .asInt();
    }
}
