package dev.perennial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A node's HTTP API as any client sees it: statuses, headers, JSON. */
final class NodeClient {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Duration UPDATE = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI address;

    NodeClient(URI address) {
        this.address = address;
    }

    record Answer(int status, HttpHeaders headers, JsonNode body) {
        /** The body of an answer that is as expected. */
        JsonNode expect(int expected) {
            if (status != expected) {
                throw new AssertionError("expected status " + expected + "; got " + status + " " + body);
            }
            return body;
        }
    }

    Answer get(String path) throws IOException {
        return send("GET", path, "application/json", "");
    }

    Answer delete(String path) throws IOException {
        return send("DELETE", path, "application/json", "");
    }

    Answer post(String path, Object body) throws IOException {
        return send("POST", path, "application/json", JSON.writeValueAsString(body));
    }

    Answer put(String path, Object body) throws IOException {
        return send("PUT", path, "application/json", JSON.writeValueAsString(body));
    }

    Answer examples(String domain, List<? extends Map<String, ?>> examples) throws IOException {
        String lines = examples.stream().map(NodeClient::line).collect(Collectors.joining("\n"));
        return send("POST", "/v1/domains/" + domain + "/examples", "application/x-ndjson", lines);
    }

    Answer ask(String model, String question) throws IOException {
        return post(
                "/v1/chat/completions",
                Map.of(
                        "model",
                        model,
                        "temperature",
                        0,
                        "max_tokens",
                        24,
                        "messages",
                        List.of(Map.of("role", "user", "content", question))));
    }

    static String text(JsonNode completion) {
        return completion
                .path("choices")
                .path(0)
                .path("message")
                .path("content")
                .asText();
    }

    /** Polls an update until it is in one of the states. */
    JsonNode awaitUpdate(String id, String... states) throws Exception {
        JsonNode[] seen = {MissingNode.getInstance()};
        try {
            Await.until("update " + id + " is " + String.join(" or ", states), UPDATE, () -> {
                Answer answer = get("/v1/updates/" + id);
                seen[0] = answer.body();
                return answer.status() == 200
                        && List.of(states).contains(seen[0].path("state").asText());
            });
        } catch (AssertionError late) {
            throw new AssertionError(late.getMessage() + "; last seen: " + seen[0], late);
        }
        return seen[0];
    }

    /** The server-sent events of a path, to the stream's end. */
    List<String> events(String path) throws IOException {
        try (Stream<String> lines =
                exchange(request(path).build(), BodyHandlers.ofLines()).body()) {
            return lines.filter(line -> !line.isEmpty()).toList();
        }
    }

    byte[] bytes(String path) throws IOException {
        HttpResponse<byte[]> response = exchange(request(path).build(), BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new AssertionError(path + " answered " + response.statusCode());
        }
        return response.body();
    }

    private Answer send(String method, String path, String type, String body) throws IOException {
        HttpRequest request = request(path)
                .header("Content-Type", type)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = exchange(request, BodyHandlers.ofString());
        return new Answer(
                response.statusCode(),
                response.headers(),
                response.body().isEmpty() ? MissingNode.getInstance() : JSON.readTree(response.body()));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path)).timeout(TIMEOUT);
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) throws IOException {
        try {
            return http.send(request, handler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + request.uri());
        }
    }

    private static String line(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
