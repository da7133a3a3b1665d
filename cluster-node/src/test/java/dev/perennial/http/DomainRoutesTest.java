package dev.perennial.http;

import static dev.perennial.http.ErrorsTest.assertError;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.DomainId;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Domains, versions, rollback, models, queue, health. */
final class DomainRoutesTest {
    @TempDir
    private Path directory;

    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        Path adapter = directory.resolve("adapter.zip");
        Files.writeString(adapter, "PK-bytes", StandardCharsets.UTF_8);
        node = TestNode.withAdapter(adapter);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void createsADomainOnce() {
        String body = "{\"id\":\"news\",\"description\":\"What is new\"}";
        HttpResponse<String> created = node.post("/v1/domains", body);
        assertEquals(201, created.statusCode(), created.body());
        assertEquals(
                "/v1/domains/news", created.headers().firstValue("Location").orElseThrow());
        JsonNode view = TestNode.json(created);
        assertEquals("news@0", view.get("live_version").asText());
        assertEquals("2026-01-02T03:04:05Z", view.get("created_at").asText());
        assertEquals(0, view.get("examples").get("accepted").asInt());
        assertError(node.post("/v1/domains", body), 409, "conflict_error", "conflict", "'news' exists");
    }

    @Test
    void policyMayBeGivenInPart() {
        HttpResponse<String> created = node.post(
                "/v1/domains",
                "{\"id\":\"a\",\"description\":\"d\",\"policy\":{\"training\":{\"rank\":4},\"replay\":{\"share\":0.1}}}");
        JsonNode policy = TestNode.json(created).get("policy");
        assertEquals(4, policy.get("training").get("rank").asInt(), created.body());
        assertEquals(32.0, policy.get("training").get("alpha").asDouble());
        assertEquals("all-linear", policy.get("training").get("targets").get(0).asText());
        assertEquals(0.1, policy.get("replay").get("share").asDouble());
        assertEquals(2000, policy.get("replay").get("capacity").asInt());
        assertEquals(0.02, policy.get("gate").get("retained_tolerance").asDouble());
        assertError(
                node.post("/v1/domains", "{\"id\":\"b\",\"description\":\"d\",\"policy\":{\"training\":{\"rank\":0}}}"),
                400,
                "invalid_request_error",
                "invalid_value",
                "policy.training.rank is an integer from 1 to 256; got 0");
    }

    @Test
    void policyChoosesHowTheBufferKeeps() {
        HttpResponse<String> created = node.post(
                "/v1/domains",
                "{\"id\":\"a\",\"description\":\"d\",\"policy\":{\"replay\":{\"strategy\":\"class-balanced\","
                        + "\"sampling\":\"equal\",\"tokens\":5000,\"general_distillation\":4},\"training\":{\"beta\":0.5}}}");
        JsonNode replay = TestNode.json(created).get("policy").get("replay");
        assertEquals("class-balanced", replay.get("strategy").asText(), created.body());
        assertEquals("equal", replay.get("sampling").asText());
        assertEquals(5000, replay.get("tokens").asInt());
        assertEquals(4, replay.get("general_distillation").asDouble());
        assertEquals(
                0.5,
                TestNode.json(created).get("policy").get("training").get("beta").asDouble());
        JsonNode standard = TestNode.json(node.post("/v1/domains", "{\"id\":\"b\",\"description\":\"d\"}"))
                .get("policy")
                .get("replay");
        assertEquals("reservoir", standard.get("strategy").asText());
        assertEquals("proportional", standard.get("sampling").asText());
        assertTrue(standard.get("tokens").isNull());
        assertEquals(5, standard.get("general_distillation").asDouble());
        assertFalse(standard.has("neighbour_share"), standard.toString());
        assertReplayRefused(
                "\"strategy\":\"newest\"",
                "strategy is one of reservoir, class-balanced, source-balanced,"
                        + " herding, loss-based; got \"newest\"");
        assertReplayRefused("\"sampling\":1", "sampling is one of proportional, equal; got 1");
        assertReplayRefused(
                "\"general_distillation\":-1",
                "policy.replay.general_distillation is a number from 0.0 to 100.0; got -1.0");
        assertReplayRefused(
                "\"neighbour_share\":0.95", "policy.replay.neighbour_share is a number from 0.0 to 0.9; got 0.95");
        assertReplayRefused(
                "\"neighbour_share\":0.5",
                "share, general_share and neighbour_share together leave at least 0.1 for new examples; got 1.0");
        assertReplayRefused("\"tokens\":0", "policy.replay.tokens is an integer from 1 to 2000000000; got 0");
    }

    @Test
    void policyChoosesTheMethod() {
        HttpResponse<String> created = node.post(
                "/v1/domains",
                "{\"id\":\"a\",\"description\":\"d\",\"policy\":{\"method\":\"lora+ewc+replay\","
                        + "\"ewc\":{\"lambda\":0.5,\"fisher_decay\":1,\"fisher_examples\":32}}}");
        JsonNode policy = TestNode.json(created).get("policy");
        assertEquals("lora+replay+ewc", policy.get("method").asText(), created.body());
        assertEquals(0.46, policy.get("replay").get("general_share").asDouble(), "without neighbours");
        assertEquals(0.5, policy.get("ewc").get("lambda").asDouble());
        assertEquals(1, policy.get("ewc").get("fisher_decay").asDouble());
        assertEquals(32, policy.get("ewc").get("fisher_examples").asInt());
        HttpResponse<String> refused =
                node.post("/v1/domains", "{\"id\":\"b\",\"description\":\"d\",\"policy\":{\"method\":\"magic\"}}");
        assertError(
                node.post(
                        "/v1/domains",
                        "{\"id\":\"b\",\"description\":\"d\",\"policy\":{\"method\":\"lora+distillation\"}}"),
                400,
                "invalid_request_error",
                "invalid_value",
                "distillation holds what is replayed");
        assertError(refused, 400, "invalid_request_error", "invalid_value", "method is one of lora, stacked");
        assertEquals(
                "policy.method",
                TestNode.json(refused).get("error").get("param").asText());
        assertError(
                node.post(
                        "/v1/domains",
                        "{\"id\":\"b\",\"description\":\"d\",\"policy\":{\"ewc\":{\"fisher_decay\":1.5}}}"),
                400,
                "invalid_request_error",
                "invalid_value",
                "policy.ewc.fisher_decay is a number from 0.0 to 1.0; got 1.5");
    }

    private void assertReplayRefused(String field, String message) {
        String body = "{\"id\":\"c\",\"description\":\"d\",\"policy\":{\"replay\":{" + field + "}}}";
        assertError(node.post("/v1/domains", body), 400, "invalid_request_error", "invalid_value", message);
    }

    @Test
    void baseIsNoNameForADomain() {
        assertError(
                node.post("/v1/domains", "{\"id\":\"base\",\"description\":\"d\"}"),
                400,
                "invalid_request_error",
                "invalid_value",
                "'base' names the base model");
    }

    @Test
    void listsAndShowsDomains() {
        node.created("sports");
        node.created("news");
        node.domains.register(new DomainId("half-made"));
        JsonNode list = TestNode.json(node.get("/v1/domains"));
        assertEquals("list", list.get("object").asText());
        assertEquals("news", list.get("data").get(0).get("id").asText());
        assertEquals("sports", list.get("data").get(1).get("id").asText());
        assertEquals(2, list.get("data").size());
        assertEquals(
                "news", TestNode.json(node.get("/v1/domains/news")).get("id").asText());
        assertError(node.get("/v1/domains/other"), 404, "not_found_error", "not_found", "no domain 'other'");
    }

    @Test
    void showsVersions() {
        MemoryDomain news = node.created("news");
        news.version(1);
        news.version(2);
        JsonNode list = TestNode.json(node.get("/v1/domains/news/versions"));
        assertEquals("list", list.get("object").asText());
        assertEquals("news@2", list.get("data").get(1).get("id").asText());
        JsonNode one = TestNode.json(node.get("/v1/domains/news/versions/2"));
        assertEquals("news@1", one.get("parent").asText());
        assertEquals("accepted", one.get("status").asText());
        assertEquals(
                1e-3, one.get("manifest").get("training").get("learning_rate").asDouble());
        assertError(node.get("/v1/domains/news/versions/9"), 404, "not_found_error", "not_found", "no version news@9");
        assertError(node.get("/v1/domains/news/versions/0"), 404, "not_found_error", "not_found", "bare base");
        assertError(
                node.get("/v1/domains/news/versions/two"), 400, "invalid_request_error", "invalid_value", "DOMAIN@N");
    }

    @Test
    void sendsAnAdapter() {
        node.created("news").version(1);
        HttpResponse<String> zip = node.get("/v1/domains/news/versions/1/adapter");
        assertEquals("PK-bytes", zip.body());
        assertEquals("application/zip", zip.headers().firstValue("Content-Type").orElseThrow());
        assertTrue(zip.headers().firstValue("Content-Disposition").orElseThrow().contains("news-1.zip"));
        assertEquals(404, node.get("/v1/domains/news/versions/2/adapter").statusCode());
    }

    @Test
    void rollsBackByNumberOrName() {
        MemoryDomain news = node.created("news");
        news.version(1);
        news.version(2);
        String path = "/v1/domains/news/rollback";
        HttpResponse<String> back = node.post(path, "{\"to\":1,\"reason\":\"worse\"}");
        assertEquals(200, back.statusCode(), back.body());
        assertEquals("news@1", TestNode.json(back).get("live_version").asText());
        assertEquals(
                "news@2",
                TestNode.json(node.post(path, "{\"to\":\"news@2\",\"reason\":\"better\"}"))
                        .get("live_version")
                        .asText());
        assertError(
                node.post(path, "{\"to\":7,\"reason\":\"r\"}"),
                404,
                "not_found_error",
                "not_found",
                "no version news@7");
        assertError(
                node.post(path, "{\"to\":\"sports@1\",\"reason\":\"r\"}"),
                400,
                "invalid_request_error",
                "invalid_value",
                "a version of domain 'news'; got sports@1");
        assertError(node.post(path, "{\"reason\":\"r\"}"), 400, "invalid_request_error", "missing_field", "'to'");
        assertError(
                node.post(path, "{\"to\":-1,\"reason\":\"r\"}"), 400, "invalid_request_error", "invalid_value", "-1");
        assertError(node.post(path, "{\"to\":1}"), 400, "invalid_request_error", "missing_field", "'reason'");
    }

    @Test
    void listsModels() {
        node.created("news").version(1);
        JsonNode models = TestNode.json(node.get("/v1/models"));
        assertEquals("list", models.get("object").asText());
        assertEquals(
                TestNode.json("{\"id\":\"base\",\"object\":\"model\",\"created\":0,\"owned_by\":\"perennial\"}"),
                models.get("data").get(0));
        assertEquals("news", models.get("data").get(1).get("id").asText());
        assertEquals("news@1", models.get("data").get(2).get("id").asText());
        assertEquals(200, node.get("/v1/models/base").statusCode());
        assertEquals(200, node.get("/v1/models/news@1").statusCode());
        assertEquals(404, node.get("/v1/models/news@2").statusCode());
    }

    @Test
    void readsTheSchedulingOfAPolicy() {
        HttpResponse<String> created = node.post(
                "/v1/domains",
                "{\"id\":\"s\",\"description\":\"d\",\"policy\":{\"scheduling\":{\"tenant\":\"acme\","
                        + "\"conflict_groups\":[\"medicine\"],\"requests\":\"queue\",\"memory_bytes\":8589934592}}}");
        JsonNode scheduling = TestNode.json(created).get("policy").get("scheduling");
        assertEquals(
                "{\"tenant\":\"acme\",\"conflict_groups\":[\"medicine\"],\"requests\":\"queue\","
                        + "\"memory_bytes\":8589934592}",
                scheduling.toString(),
                created.body());
        assertError(
                node.post(
                        "/v1/domains",
                        "{\"id\":\"t\",\"description\":\"d\",\"policy\":{\"scheduling\":{\"tenant\":\"Acme Corp\"}}}"),
                400,
                "invalid_request_error",
                "invalid_value",
                "policy.scheduling.tenant has names of 1 to 63 characters of a-z, 0-9 and '-', beginning with a letter or"
                        + " digit; got 'Acme Corp'");
        assertError(
                node.post(
                        "/v1/domains",
                        "{\"id\":\"t\",\"description\":\"d\",\"policy\":{\"scheduling\":{\"requests\":\"drop\"}}}"),
                400,
                "invalid_request_error",
                "invalid_value",
                "policy.scheduling.requests is one of merge, queue; got \"drop\"");
        assertError(
                node.post(
                        "/v1/domains",
                        "{\"id\":\"t\",\"description\":\"d\",\"policy\":{\"scheduling\":{\"memory_bytes\":0}}}"),
                400,
                "invalid_request_error",
                "invalid_value",
                "policy.scheduling.memory_bytes is an integer from 1 to 1125899906842624; got 0");
    }

    @Test
    void boundsTheLimitOfTheQueue() {
        assertEquals(200, node.get("/v1/queue?limit=10000").statusCode());
        assertEquals(400, node.get("/v1/queue?limit=0").statusCode());
        assertEquals(400, node.get("/v1/queue?limit=ten").statusCode());
    }

    @Test
    void showsTheQueue() {
        JsonNode queue = TestNode.json(node.get("/v1/queue"));
        assertEquals("news-u1", queue.get("requests").get(0).get("id").asText());
        assertEquals(
                1.5, queue.get("requests").get(0).get("terms").get("importance").asDouble());
        assertEquals(
                "2026-06-01T00:00:00Z",
                queue.get("trainers").get(0).get("last_seen").asText());
    }

    @Test
    void isNotAliveWhereItCanTrainNoMore() {
        try {
            node.readiness.trainsWhile(() -> false);
            assertEquals(503, node.get("/alive").statusCode());
            assertTrue(node.get("/alive").body().contains("until it is started again"));
        } finally {
            node.readiness.trainsWhile(() -> true);
        }
        assertEquals(200, node.get("/alive").statusCode());
    }

    @Test
    void isAlive() {
        assertEquals("{\"status\":\"alive\"}", node.get("/alive").body());
        HttpRequest.Builder head = node.request("/alive").method("HEAD", HttpRequest.BodyPublishers.noBody());
        assertEquals(200, node.send(head).statusCode());
    }

    @Test
    void isReadyUntilItStops() {
        assertEquals(200, node.get("/ready").statusCode());
        node.readiness.stopping();
        assertError(node.get("/ready"), 503, "unavailable_error", "unavailable", "stopping");
        node.readiness.started();
        assertEquals(503, node.get("/ready").statusCode());
    }
}
