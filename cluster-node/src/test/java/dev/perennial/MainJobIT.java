package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.models.Model;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The product's main job on the real program: learn, judge, serve, go back, over the HTTP API alone. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class MainJobIT {
    private static final int QUICK = 60;
    private static final int ENDLESS = 100_000;

    @TempDir
    private static Path data;

    private static NodeProcess node;
    private static NodeClient client;
    private static Facts facts;

    @BeforeAll
    static void start() throws Exception {
        facts = new Facts();
        node = NodeProcess.start(data);
        client = node.client();
    }

    @AfterAll
    static void stop() throws Exception {
        node.close();
    }

    @Test
    void learnsFreshAnswersAndGoesBackAndForward() throws Exception {
        String path = "/v1/domains/learner";
        client.post("/v1/domains", Facts.domain("learner", QUICK)).expect(201);
        assertEquals(
                "conflict",
                client.post("/v1/domains", Map.of("id", "learner", "description", "again"))
                        .expect(409)
                        .path("error")
                        .path("code")
                        .asText());
        assertAnswer("learner", facts.stale(), "learner@0");

        int taught = facts.examples().size();
        JsonNode first = client.examples("learner", facts.examples()).expect(200);
        assertEquals(taught, first.path("accepted").asInt(), first::toString);
        JsonNode again = client.examples("learner", facts.examples()).expect(200);
        assertEquals(0, again.path("accepted").asInt(), again::toString);
        assertEquals(taught, again.path("duplicates").asInt(), again::toString);

        JsonNode update = client.post(path + "/updates", Facts.update()).expect(202);
        assertEquals("queued", update.path("state").asText(), update::toString);
        List<String> events = client.events("/v1/updates/learner-u1/events");
        for (String state : List.of("queued", "running", "live")) {
            assertTrue(
                    events.stream().anyMatch(line -> line.contains("\"state\":\"" + state + "\"")), events::toString);
        }
        assertTrue(events.stream().anyMatch(line -> line.contains("\"phase\":\"training\"")), events::toString);
        JsonNode done = client.get("/v1/updates/learner-u1").expect(200);
        assertEquals("learner@1", done.path("version").asText(), done::toString);
        assertTrue(done.path("gate").path("passed").asBoolean(), done::toString);

        assertAnswer("learner", facts.fresh(), "learner@1");
        assertAnswer("learner@0", facts.stale(), "learner@0");
        assertAnswer("base", facts.stale(), "base");
        rollBack(path, 0);
        assertAnswer("learner", facts.stale(), "learner@0");
        assertAnswer("learner@1", facts.fresh(), "learner@1");
        rollBack(path, 1);
        assertAnswer("learner", facts.fresh(), "learner@1");

        JsonNode versions = client.get(path + "/versions").expect(200).path("data");
        assertEquals(1, versions.size(), versions::toString);
        assertEquals("learner@1", versions.path(0).path("id").asText(), versions::toString);
        Set<String> files = names(client.bytes(path + "/versions/1/adapter"));
        assertTrue(files.containsAll(List.of("adapter_config.json", "adapter_model.safetensors")), files::toString);
    }

    @Test
    void cancelsAnUpdateThatRuns() throws Exception {
        client.post("/v1/domains", Facts.domain("cancelled", ENDLESS)).expect(201);
        client.examples("cancelled", facts.examples()).expect(200);
        client.post("/v1/domains/cancelled/updates", Facts.update()).expect(202);
        client.awaitUpdate("cancelled-u1", "running");
        JsonNode queue = client.get("/v1/queue").expect(200);
        assertEquals("cancelled-u1", queue.path("requests").path(0).path("id").asText(), queue::toString);
        assertEquals(
                "cancelled-u1", queue.path("trainers").path(0).path("update").asText(), queue::toString);
        client.delete("/v1/updates/cancelled-u1").expect(200);
        client.awaitUpdate("cancelled-u1", "cancelled");
        assertEquals("cancelled@0", live("cancelled"));
        Await.until("the trainer is free again", Duration.ofSeconds(30), () -> {
            JsonNode now = client.get("/v1/queue").expect(200);
            return now.path("requests").isEmpty()
                    && now.path("trainers").path(0).path("update").isNull();
        });
    }

    @Test
    void keepsTheLiveVersionWhereTheGateRejects() throws Exception {
        client.post(
                        "/v1/domains",
                        Facts.domain("rejected", 2, Map.of("minimum_improvement", 50, "held_out_share", 0.5)))
                .expect(201);
        client.examples("rejected", facts.examples()).expect(200);
        client.post("/v1/domains/rejected/updates", Facts.update()).expect(202);
        JsonNode update = client.awaitUpdate("rejected-u1", "rejected");
        assertFalse(update.path("gate").path("passed").asBoolean(), update::toString);
        assertTrue(update.path("reason").asText().contains("is not above"), update::toString);
        JsonNode check = update.path("gate").path("checks").path(0);
        assertEquals("new", check.path("name").asText(), update::toString);
        assertFalse(check.path("passed").asBoolean(), update::toString);
        assertEquals("rejected@0", live("rejected"));
        assertAnswer("rejected", facts.stale(), "rejected@0");
    }

    @Test
    void makesExamplesOfACorrection() throws Exception {
        client.post("/v1/domains", Map.of("id", "corrected", "description", "Learns from its users."))
                .expect(201);
        JsonNode answer = client.ask("corrected", facts.question()).expect(200);
        Map<String, String> feedback =
                Map.of("completion_id", answer.path("id").asText(), "rating", "down", "correction", facts.fresh());
        JsonNode receipt = client.post("/v1/feedback", feedback).expect(201);
        assertEquals("corrected@0", receipt.path("version").asText(), receipt::toString);
        client.post("/v1/feedback", feedback).expect(201);
        JsonNode domain = client.get("/v1/domains/corrected").expect(200);
        // the correction, and that it is better than what was said
        assertEquals(2, domain.path("examples").path("accepted").asInt(), domain::toString);
        Map<String, String> unknown = Map.of("completion_id", "cmpl-unknown", "rating", "up");
        client.post("/v1/feedback", unknown).expect(404);
    }

    @Test
    void answersTheOfficialClient() throws Exception {
        client.post("/v1/domains", Map.of("id", "official", "description", "Asked by the official client."))
                .expect(201);
        OpenAIClient official = OpenAIOkHttpClient.builder()
                .baseUrl(node.address().resolve("/v1").toString())
                .apiKey("none")
                .maxRetries(0)
                .build();
        try {
            List<String> models =
                    official.models().list().data().stream().map(Model::id).toList();
            assertTrue(models.containsAll(List.of("base", "official", "official@0")), models::toString);
            ChatCompletionCreateParams question = ChatCompletionCreateParams.builder()
                    .model("official")
                    .addUserMessage(facts.question())
                    .temperature(0)
                    .maxCompletionTokens(24)
                    .build();
            ChatCompletion whole = official.chat().completions().create(question);
            assertEquals(
                    facts.stale(), whole.choices().get(0).message().content().orElseThrow());
            assertEquals("official@0", whole.model());
            StringBuilder streamed = new StringBuilder();
            try (StreamResponse<ChatCompletionChunk> chunks =
                    official.chat().completions().createStreaming(question)) {
                chunks.stream()
                        .flatMap(chunk -> chunk.choices().stream())
                        .forEach(choice -> choice.delta().content().ifPresent(streamed::append));
            }
            assertEquals(facts.stale(), streamed.toString());
        } finally {
            official.close();
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void stopsSoonAfterSigtermAndLeavesNothingBehind() throws Exception {
        ProcessHandle database = node.database();
        assertEquals(200, client.get("/ready").status());
        node.terminate();
        int status = node.awaitExit(Duration.ofSeconds(10));
        assertEquals(143, status, node::output);
        Await.until("the database has ended too", Duration.ofSeconds(5), () -> !database.isAlive());
        List<String> complaints = node.output()
                .lines()
                .filter(line -> line.contains(" WARN ") || line.contains(" ERROR ") || line.startsWith("SLF4J"))
                .toList();
        assertEquals(List.of(), complaints, node::output);
    }

    private static void rollBack(String path, int to) throws Exception {
        JsonNode domain = client.post(path + "/rollback", Map.of("to", to, "reason", "to see what was before"))
                .expect(200);
        assertEquals("learner@" + to, domain.path("live_version").asText(), domain::toString);
    }

    private static String live(String domain) throws Exception {
        return client.get("/v1/domains/" + domain)
                .expect(200)
                .path("live_version")
                .asText();
    }

    private static void assertAnswer(String model, String text, String version) throws Exception {
        NodeClient.Answer answer = client.ask(model, facts.question());
        assertEquals(text, NodeClient.text(answer.expect(200)));
        assertEquals(version, answer.headers().firstValue("Perennial-Version").orElse(""));
    }

    private static Set<String> names(byte[] archive) throws Exception {
        Set<String> names = new TreeSet<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }
}
