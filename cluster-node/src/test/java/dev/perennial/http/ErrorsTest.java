package dev.perennial.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class ErrorsTest {
    private static TestNode node;

    @BeforeAll
    static void start() {
        node = TestNode.start();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void unknownPathIsNamed() {
        assertError(node.get("/v1/nothing"), 404, "not_found_error", "unknown_path", "/v1/nothing");
        assertError(node.get("/"), 404, "not_found_error", "unknown_path", "/");
    }

    @Test
    void pathsOfLaterWorkAreUnknown() {
        List.of("/openapi.json", "/v1/audit", "/v1/domains/news/experiments")
                .forEach(path -> assertEquals(404, node.get(path).statusCode(), path));
        assertEquals(404, node.post("/v1/domains/news/revert", "{}").statusCode());
    }

    @Test
    void wrongMethodNamesTheAllowedOnes() {
        HttpResponse<String> response = node.delete("/v1/domains");
        assertError(
                response,
                405,
                "invalid_request_error",
                "method_not_allowed",
                "/v1/domains takes GET, POST; got DELETE");
        assertEquals("GET, POST", response.headers().firstValue("Allow").orElseThrow());
    }

    @Test
    void malformedJsonIsPlaced() {
        HttpResponse<String> response = node.post("/v1/domains", "{\"id\":\n  oops}");
        assertError(response, 400, "invalid_request_error", "malformed_json", "line 2, column");
        assertFalse(response.body().contains("jackson"), response.body());
        assertFalse(response.body().contains("Source"), response.body());
        HttpResponse<String> open = node.post("/v1/domains", "{\"id\":\"a\",");
        assertError(open, 400, "invalid_request_error", "malformed_json", "line 1");
        assertFalse(open.body().contains("Source"), open.body());
        assertError(node.post("/v1/domains", ""), 400, "invalid_request_error", "malformed_json", "empty");
        assertError(node.post("/v1/domains", "{} {}"), 400, "invalid_request_error", "malformed_json", "more after");
    }

    @Test
    void deepJsonAndLongNumbersAreRefused() {
        HttpResponse<String> deep = node.post("/v1/domains", "[".repeat(1000) + "]".repeat(1000));
        assertError(deep, 400, "invalid_request_error", "malformed_json", "depth");
        assertFalse(deep.body().contains("StreamReadConstraints"), deep.body());
        HttpResponse<String> number = node.post("/v1/domains", "{\"id\":" + "9".repeat(2000) + "}");
        assertError(number, 400, "invalid_request_error", "malformed_json", "umber");
        assertFalse(number.body().contains("StreamReadConstraints"), number.body());
    }

    @Test
    void duplicateKeysAreRefused() {
        assertError(
                node.post("/v1/domains", "{\"id\":\"a\",\"id\":\"b\",\"description\":\"\"}"),
                400,
                "invalid_request_error",
                "malformed_json",
                "Duplicate field 'id'");
    }

    @Test
    void invalidUtf8IsRefused() {
        byte[] body = "{\"id\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
        HttpResponse<String> response = node.send(node.request("/v1/domains")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
        assertError(response, 400, "invalid_request_error", "invalid_utf8", "UTF-8");
    }

    @Test
    void unknownFieldIsNamedWithTheKnownOnes() {
        HttpResponse<String> response = node.post("/v1/domains", "{\"id\":\"a\",\"descripton\":\"d\"}");
        assertError(
                response,
                400,
                "invalid_request_error",
                "invalid_value",
                "'descripton'; known fields are id, description, policy");
        assertEquals("descripton", error(response).get("param").asText());
    }

    @Test
    void nestedFieldIsNamedByItsWholePath() {
        HttpResponse<String> response = node.post(
                "/v1/domains", "{\"id\":\"a\",\"description\":\"d\",\"policy\":{\"training\":{\"rank\":\"8\"}}}");
        assertError(response, 400, "invalid_request_error", "invalid_type", "policy.training.rank is an integer");
        assertEquals("policy.training.rank", error(response).get("param").asText());
    }

    @Test
    void wrongTypeSaysExpectedAndActual() {
        assertError(
                node.post("/v1/domains", "{\"id\":7,\"description\":\"d\"}"),
                400,
                "invalid_request_error",
                "invalid_type",
                "id is text; got an integer");
        assertError(
                node.post("/v1/domains", "[]"),
                400,
                "invalid_request_error",
                "invalid_type",
                "an object; got an array");
    }

    @Test
    void missingFieldIsNamed() {
        HttpResponse<String> response = node.post("/v1/domains", "{\"description\":\"d\"}");
        assertError(response, 400, "invalid_request_error", "missing_field", "missing field 'id'");
        assertEquals("id", error(response).get("param").asText());
    }

    @Test
    void bodyTooLargeNamesTheBound() {
        String body = "{\"id\":\"" + "a".repeat(70_000) + "\"}";
        assertError(node.post("/v1/domains", body), 413, "invalid_request_error", "too_large", "65536 bytes");
        HttpResponse<String> chunked = node.send(node.request("/v1/domains")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(body))));
        assertError(chunked, 413, "invalid_request_error", "too_large", "65536 bytes");
    }

    @Test
    void unsupportedContentTypeNamesTheExpectedOne() {
        assertError(
                node.post("/v1/domains", "application/xml", "<a/>"),
                415,
                "invalid_request_error",
                "unsupported_media_type",
                "application/json; got application/xml");
    }

    @Test
    void silentDomainIsUnavailable() {
        assertError(
                node.get("/v1/domains/silent"),
                503,
                "unavailable_error",
                "unavailable",
                "domain silent did not answer within 400 ms");
    }

    @Test
    void bugIsToldByAnIdAndNotByItsDetails() {
        HttpResponse<String> response = node.get("/v1/domains/broken");
        assertError(response, 500, "server_error", "internal", "in the log as ");
        assertFalse(response.body().contains("secret"), response.body());
        assertFalse(response.body().contains("Exception"), response.body());
    }

    @Test
    void badDomainIdSaysTheForm() {
        assertError(
                node.get("/v1/domains/Bad_Id"),
                400,
                "invalid_request_error",
                "invalid_value",
                "a domain id is 1 to 63");
    }

    @Test
    void whatIsNotHttpIsAnsweredInTheSameShape() throws Exception {
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), node.server.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("GET /\u0001 HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
            assertTrue(answer.contains("{\"error\":{\"message\":"), answer);
            assertTrue(answer.contains("malformed_request"), answer);
        }
    }

    static JsonNode error(HttpResponse<String> response) {
        return TestNode.json(response).get("error");
    }

    static void assertError(HttpResponse<String> response, int status, String type, String code, String message) {
        assertEquals(status, response.statusCode(), response.body());
        JsonNode error = error(response);
        assertEquals(List.of("message", "type", "param", "code"), names(error));
        assertEquals(type, error.get("type").asText());
        assertEquals(code, error.get("code").asText());
        assertTrue(error.get("message").asText().contains(message), response.body());
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
