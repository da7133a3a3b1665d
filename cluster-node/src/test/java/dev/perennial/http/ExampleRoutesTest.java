package dev.perennial.http;

import static dev.perennial.http.ErrorsTest.assertError;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.ExampleRows;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Examples and feedback. */
final class ExampleRoutesTest {
    private static final String NDJSON = "application/x-ndjson";

    private static TestNode node;

    @BeforeAll
    static void start() {
        node = TestNode.start("perennial.http.body-timeout = 20 s");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void takesLinesAndTellsTheBadOnes() {
        MemoryDomain domain = node.created("lines");
        String body = "\uFEFF{\"text\":\"a\"}\r\n\r\n{\"text\":\"b\"}\n{\"txt\":\"c\"}\n{\"text\":\"a\"}\n   \n"
                + "{\"text\":\"" + "x".repeat(5000) + "\"}\nnot json\n{\"prompt\":\"p\",\"completion\":\"q\"}";
        HttpResponse<String> response = node.post("/v1/domains/lines/examples", NDJSON, body);
        assertEquals(200, response.statusCode(), response.body());
        JsonNode report = TestNode.json(response);
        assertEquals(3, report.get("accepted").asInt());
        assertEquals(1, report.get("duplicates").asInt());
        assertEquals(3, report.get("rejected").asInt());
        assertEquals(4, report.get("errors").get(0).get("line").asInt());
        assertTrue(report.get("errors").get(0).get("message").asText().contains("found {txt}"), response.body());
        assertEquals(7, report.get("errors").get(1).get("line").asInt());
        assertEquals(
                "the line is longer than 4096 bytes",
                report.get("errors").get(1).get("message").asText());
        assertEquals(8, report.get("errors").get(2).get("line").asInt());
        assertEquals(3, domain.exampleIds().size());
        assertTrue(node.examples.keySet().containsAll(domain.exampleIds()));
    }

    @Test
    void takesPreferencesAndLabelledCompletions() {
        MemoryDomain domain = node.created("preferences");
        String good = """
                {"prompt":"p","chosen":"a","rejected":"b"}
                {"prompt":"p","completion":"b","label":false}
                """;
        HttpResponse<String> response = node.post("/v1/domains/preferences/examples", NDJSON, good + good + """
                        {"prompt":"p","chosen":"a"}
                        {"prompt":"p","completion":"b","label":"no"}
                        """);
        JsonNode report = TestNode.json(response);
        assertEquals(2, report.get("accepted").asInt(), response.body());
        assertEquals(2, report.get("duplicates").asInt());
        assertEquals(2, report.get("rejected").asInt());
        assertEquals(5, report.get("errors").get(0).get("line").asInt());
        String message = report.get("errors").get(0).get("message").asText();
        assertTrue(message.contains("{prompt, chosen, rejected}"), message);
        assertTrue(message.contains("found {chosen, prompt}"), message);
        assertEquals(
                "label is true or false; got text",
                report.get("errors").get(1).get("message").asText());
        assertEquals(2, domain.exampleIds().size());
        assertTrue(node.examples.keySet().containsAll(domain.exampleIds()));
    }

    @Test
    void takesOneObjectOrAnArray() {
        node.created("json");
        String path = "/v1/domains/json/examples";
        assertEquals(
                1,
                TestNode.json(node.post(path, "{\"text\":\"one\"}"))
                        .get("accepted")
                        .asInt());
        JsonNode report = TestNode.json(node.post(path, "[{\"text\":\"one\"},{\"text\":\"two\"},7]"));
        assertEquals(1, report.get("accepted").asInt());
        assertEquals(1, report.get("duplicates").asInt());
        assertEquals(3, report.get("errors").get(0).get("line").asInt());
        assertEquals(
                1,
                TestNode.json(node.post(path, "text/plain", "{\"text\":\"three\"}"))
                        .get("accepted")
                        .asInt());
    }

    @Test
    void deletesAnExampleForGood() {
        MemoryDomain domain = node.created("forgetful");
        String path = "/v1/domains/forgetful/examples";
        node.post(path, NDJSON, "{\"text\":\"secret\"}");
        String id = domain.exampleIds().iterator().next();
        HttpResponse<String> deleted = node.delete(path + "/" + id);
        assertEquals(204, deleted.statusCode(), deleted.body());
        assertEquals("", deleted.body());
        assertEquals(0, domain.exampleIds().size());
        assertEquals(204, node.delete(path + "/" + id).statusCode(), "and once more");
        JsonNode report =
                TestNode.json(node.post(path, NDJSON, "{\"text\":\"open\"}\n{\"text\":\"secret\"}\n{\"txt\":1}\n"));
        assertEquals(1, report.get("accepted").asInt());
        assertEquals(2, report.get("rejected").asInt());
        assertEquals(2, report.get("errors").get(0).get("line").asInt());
        assertEquals(
                "this example was deleted from the domain and is not taken again",
                report.get("errors").get(0).get("message").asText());
        assertEquals(3, report.get("errors").get(1).get("line").asInt());
        assertError(node.delete(path + "/unknown"), 404, "not_found_error", "not_found", "no example 'unknown'");
        assertError(
                node.delete("/v1/domains/nowhere/examples/" + id), 404, "not_found_error", "not_found", "'nowhere'");
        assertError(node.get(path + "/" + id), 405, "invalid_request_error", "method_not_allowed", "takes DELETE");
    }

    @Test
    void listsConflicts() {
        node.created("divided");
        String path = "/v1/domains/divided/conflicts";
        JsonNode list = TestNode.json(node.get(path));
        assertEquals("list", list.get("object").asText());
        JsonNode conflict = list.get("data").get(0);
        assertEquals("divided-u100", conflict.get("update").asText(), "the limit that is asked for without one");
        assertEquals("b", conflict.get("examples").get(1).asText());
        assertEquals("2026-01-02T03:04:05Z", conflict.get("at").asText());
        assertEquals(
                "divided-u7",
                TestNode.json(node.get(path + "?limit=7"))
                        .get("data")
                        .get(0)
                        .get("update")
                        .asText());
        assertError(
                node.get(path + "?limit=many"),
                400,
                "invalid_request_error",
                "invalid_value",
                "limit is an integer; got 'many'");
    }

    @Test
    void refusesACorrectionWhoseExampleWasDeleted() {
        node.created("news");
        String body = "{\"completion_id\":\"" + completion("news")
                + "\",\"rating\":\"down\",\"correction\":\"to be deleted\"}";
        String example =
                TestNode.json(node.post("/v1/feedback", body)).get("example_id").asText();
        node.delete("/v1/domains/news/examples/" + example);
        assertError(node.post("/v1/feedback", body), 409, "conflict_error", "conflict", "deleted from the domain");
    }

    @Test
    void refusesWhatItCannotTake() {
        node.created("strict");
        String line = "{\"text\":\"a\"}\n";
        assertError(
                node.post("/v1/domains/missing/examples", NDJSON, line),
                404,
                "not_found_error",
                "not_found",
                "missing");
        assertError(
                node.post("/v1/domains/strict/examples", "application/xml", line),
                415,
                "invalid_request_error",
                "unsupported_media_type",
                "application/x-ndjson, text/plain or application/json");
        assertEquals(
                0,
                TestNode.json(node.post("/v1/domains/strict/examples", NDJSON, ""))
                        .get("accepted")
                        .asInt());
    }

    @Test
    void uploadBeyondTheBoundIsRefusedAndTheClientHearsIt() {
        MemoryDomain domain = node.created("large");
        String body = ("{\"text\":\"" + "y".repeat(4000) + "\"}\n").repeat(2200);
        String bound = "the body is at most 8388608 bytes";
        assertError(
                node.post("/v1/domains/large/examples", NDJSON, body),
                413,
                "invalid_request_error",
                "too_large",
                bound);
        assertEquals(0, domain.exampleIds().size(), "a length that is announced is refused before anything is taken");
        HttpResponse<String> chunked = node.send(node.request("/v1/domains/large/examples")
                .header("Content-Type", NDJSON)
                .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(body))));
        assertError(
                chunked, 413, "invalid_request_error", "too_large", bound + "; of the lines before, 1 were accepted");
        assertError(
                node.post("/v1/domains/missing/examples", NDJSON, body.substring(0, 8_000_000)),
                404,
                "not_found_error",
                "not_found",
                "missing");
    }

    @Test
    void correctionBecomesAnExampleOfTheServingDomain() {
        node.created("news");
        String id = TestNode.json(node.post(
                        "/v1/chat/completions",
                        "{\"model\":\"news\",\"messages\":[{\"role\":\"user\",\"content\":\"say wrong\"}]}"))
                .get("id")
                .asText();
        String body =
                "{\"completion_id\":\"" + id + "\",\"rating\":\"down\",\"correction\":\"right\",\"comment\":\"c\"}";
        HttpResponse<String> response = node.post("/v1/feedback", body);
        assertEquals(201, response.statusCode(), response.body());
        JsonNode receipt = TestNode.json(response);
        assertEquals("news", receipt.get("domain").asText());
        assertEquals("news@3", receipt.get("version").asText());
        String example = receipt.get("example_id").asText();
        assertTrue(node.domains.domain("news").exampleIds().contains(example));
        ExampleRows.Row row = Objects.requireNonNull(node.examples.get(example));
        JsonNode stored = TestNode.json(row.json());
        assertEquals("messages", stored.get("form").asText());
        assertEquals("right", stored.get("messages").get(1).get("content").asText());
        assertEquals("feedback:" + id, row.source());
        String preference = receipt.get("preference_id").asText();
        assertTrue(node.domains.domain("news").exampleIds().contains(preference));
        assertEquals(
                TestNode.json("{\"form\":\"preference\",\"prompt\":[{\"role\":\"user\",\"content\":\"say wrong\"}],"
                        + "\"chosen\":\"right\",\"rejected\":\"wrong\"}"),
                TestNode.json(
                        Objects.requireNonNull(node.examples.get(preference)).json()));
        JsonNode again = TestNode.json(node.post("/v1/feedback", body));
        assertEquals(receipt.get("id"), again.get("id"));
        assertTrue(again.get("duplicate").asBoolean());
    }

    @Test
    void ratingAloneBecomesALabelledCompletion() {
        node.created("news");
        String id = completion("news");
        HttpResponse<String> response =
                node.post("/v1/feedback", "{\"completion_id\":\"" + id + "\",\"rating\":\"up\"}");
        assertEquals(201, response.statusCode(), response.body());
        String example = TestNode.json(response).get("example_id").asText();
        assertTrue(node.domains.domain("news").exampleIds().contains(example));
        assertTrue(TestNode.json(response).get("preference_id").isNull());
        assertEquals(
                TestNode.json("{\"form\":\"labelled\",\"prompt\":[{\"role\":\"user\",\"content\":\"say Hi\"}],"
                        + "\"completion\":\"Hi\",\"label\":true}"),
                TestNode.json(Objects.requireNonNull(node.examples.get(example)).json()));
        assertTrue(node.feedback.stream()
                .anyMatch(row -> row.completionId().equals(id) && row.rating().equals("up")));
    }

    @Test
    void takesFeedbackByLines() {
        node.created("news");
        String good = "{\"completion_id\":\"" + completion("news") + "\",\"rating\":\"down\",\"correction\":\"Bye\"}\n";
        HttpResponse<String> response = node.post(
                "/v1/feedback", NDJSON, good + "{\"completion_id\":\"none\",\"rating\":\"up\"}\n" + good + "oops\n");
        JsonNode report = TestNode.json(response);
        assertEquals(1, report.get("accepted").asInt(), response.body());
        assertEquals(1, report.get("duplicates").asInt());
        assertEquals(2, report.get("rejected").asInt());
        assertEquals(2, report.get("errors").get(0).get("line").asInt());
    }

    @Test
    void feedbackThatBelongsNowhereIsRefused() {
        assertError(
                node.post("/v1/feedback", "{\"completion_id\":\"none\",\"rating\":\"up\"}"),
                404,
                "not_found_error",
                "not_found",
                "no completion 'none'");
        assertError(
                node.post("/v1/feedback", "{\"completion_id\":\"" + completion("base") + "\",\"rating\":\"up\"}"),
                400,
                "invalid_request_error",
                "invalid_value",
                "the bare base model, which belongs to no domain");
        assertError(
                node.post("/v1/feedback", "{\"completion_id\":\"x\",\"rating\":\"good\"}"),
                400,
                "invalid_request_error",
                "invalid_value",
                "rating is one of up, down");
    }

    private static String completion(String model) {
        return TestNode.json(node.post("/v1/completions", "{\"model\":\"" + model + "\",\"prompt\":\"say Hi\"}"))
                .get("id")
                .asText();
    }
}
