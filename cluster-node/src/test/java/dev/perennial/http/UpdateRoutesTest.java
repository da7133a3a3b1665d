package dev.perennial.http;

import static dev.perennial.http.ErrorsTest.assertError;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateState;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class UpdateRoutesTest {
    private static final String UPDATES = "/v1/domains/news/updates";
    private static final UpdateId FIRST = UpdateId.parse("news-u1");

    private TestNode node;
    private MemoryDomain news;

    @BeforeEach
    void start() {
        node = TestNode.start();
        news = node.created("news");
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void requestsAnUpdate() {
        HttpResponse<String> asked = node.post(UPDATES, "{\"kind\":\"knowledge\"}");
        assertEquals(202, asked.statusCode(), asked.body());
        assertEquals(
                "/v1/updates/news-u1", asked.headers().firstValue("Location").orElseThrow());
        JsonNode update = TestNode.json(asked);
        assertEquals("news-u1", update.get("id").asText());
        assertEquals("queued", update.get("state").asText());
        assertEquals("knowledge", update.get("kind").asText());
        assertEquals(0.5, update.get("importance").asDouble());
        assertTrue(update.get("deadline").isNull());
        assertTrue(update.has("priority") && update.has("explanation"));
        assertEquals(update, TestNode.json(node.get("/v1/updates/news-u1")));
    }

    @Test
    void sameKeyIsTheSameUpdate() {
        HttpRequest.Builder request = node.request(UPDATES)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "once")
                .POST(
                        HttpRequest.BodyPublishers.ofString(
                                "{\"kind\":\"fix\",\"importance\":1,\"deadline\":\"2026-06-02T00:00:00+02:00\",\"method\":\"lora\"}"));
        JsonNode first = TestNode.json(node.send(request));
        assertEquals("2026-06-01T22:00:00Z", first.get("deadline").asText());
        assertEquals(first, TestNode.json(node.send(request)));
        assertEquals(
                "news-u2",
                TestNode.json(node.post(UPDATES, "{\"kind\":\"fix\"}"))
                        .get("id")
                        .asText());
    }

    @Test
    void badRequestsAreNamed() {
        assertBad("{}", "missing_field", "missing field 'kind'; expected one of knowledge, task, behaviour, fix");
        assertBad("{\"kind\":\"other\"}", "invalid_value", "kind is one of");
        assertBad("{\"kind\":\"fix\",\"importance\":1.1}", "invalid_value", "importance is a number from 0.0 to 1.0");
        assertBad("{\"kind\":\"fix\",\"importance\":\"1\"}", "invalid_type", "got text");
        assertBad("{\"kind\":\"fix\",\"deadline\":\"tomorrow\"}", "invalid_value", "with its zone");
        assertBad("{\"kind\":\"fix\",\"deadline\":\"2026-05-31T00:00:00Z\"}", "invalid_value", "a time to come");
        assertBad("{\"kind\":\"fix\",\"method\":\"magic\"}", "invalid_value", "method is one of lora, stacked, o-lora");
        assertBad("{\"kind\":\"fix\",\"method\":\"base+ewc\"}", "invalid_value", "it goes with lora and routed");
        assertBad("{\"kind\":\"fix\",\"urgency\":1}", "invalid_value", "'urgency'; known fields are kind, importance");
    }

    @Test
    void cancelsAnUpdate() {
        node.post(UPDATES, "{\"kind\":\"fix\"}");
        assertEquals(
                "cancelled",
                TestNode.json(node.delete("/v1/updates/news-u1")).get("state").asText());
        assertError(node.delete("/v1/updates/news-u9"), 404, "not_found_error", "not_found", "news-u9");
        assertError(node.get("/v1/updates/what"), 404, "not_found_error", "not_found", "DOMAIN-uN");
    }

    @Test
    void tellsEveryStateAndProgressAndEnds() throws Exception {
        node.post(UPDATES, "{\"kind\":\"fix\"}");
        HttpResponse<java.io.InputStream> response = TestNode.await(node.client.sendAsync(
                node.request("/v1/updates/news-u1/events").build(), HttpResponse.BodyHandlers.ofInputStream()));
        assertTrue(response.headers().firstValue("Content-Type").orElseThrow().startsWith("text/event-stream"));
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertEquals(List.of("id: 1", "event: state"), until(lines, "event: state"));
            assertTrue(lines.readLine().contains("\"state\":\"queued\""));
            until(lines, ": still here");
            news.enter(FIRST, UpdateState.RUNNING);
            news.progress(FIRST, new Progress("training", 3, 10, 1.25, 100, 2));
            until(lines, "id: 2");
            until(lines, "event: progress");
            assertEquals(
                    TestNode.json("{\"phase\":\"training\",\"step\":3,\"steps\":10,\"loss\":1.25,"
                            + "\"tokens_per_second\":100.0,\"seconds_left\":2.0}"),
                    TestNode.json(lines.readLine().substring("data: ".length())));
            news.enter(FIRST, UpdateState.EVALUATING, UpdateState.LIVE);
            List<String> rest = new ArrayList<>(lines.lines()
                    .filter(line -> line.startsWith("id:") || line.startsWith("data:"))
                    .toList());
            assertEquals("id: 3", rest.get(0));
            assertTrue(rest.get(1).contains("\"state\":\"evaluating\""), rest.toString());
            assertEquals("id: 4", rest.get(2));
            assertTrue(rest.get(3).contains("\"state\":\"live\""), rest.toString());
            assertEquals(4, rest.size(), rest.toString());
        }
    }

    @Test
    void comesBackToWhereItWas() {
        node.post(UPDATES, "{\"kind\":\"fix\"}");
        news.enter(FIRST, UpdateState.RUNNING);
        news.enter(FIRST, UpdateState.LIVE);
        HttpResponse<String> rest =
                node.send(node.request("/v1/updates/news-u1/events").header("Last-Event-ID", "1"));
        assertEquals(
                List.of("id: 2", "id: 3"),
                rest.body().lines().filter(line -> line.startsWith("id:")).toList());
        assertEquals(
                204,
                node.send(node.request("/v1/updates/news-u1/events").header("Last-Event-ID", "3"))
                        .statusCode());
        assertError(
                node.send(node.request("/v1/updates/news-u1/events").header("Last-Event-ID", "x")),
                400,
                "invalid_request_error",
                "invalid_value",
                "Last-Event-ID");
        assertEquals(404, node.get("/v1/updates/news-u7/events").statusCode());
    }

    private void assertBad(String body, String code, String message) {
        assertError(node.post(UPDATES, body), 400, "invalid_request_error", code, message);
    }

    private static List<String> until(BufferedReader lines, String wanted) throws Exception {
        List<String> read = new ArrayList<>();
        String line = lines.readLine();
        while (line != null) {
            if (!line.isEmpty()) {
                read.add(line);
            }
            if (line.equals(wanted)) {
                return read;
            }
            line = lines.readLine();
        }
        throw new AssertionError("the stream ended without " + wanted + ": " + read);
    }
}
