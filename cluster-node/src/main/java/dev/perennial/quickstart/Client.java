package dev.perennial.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The few calls of the HTTP API that the story needs, made as any client would make them. */
final class Client {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int LONGEST_ANSWER = 32;

    private final URI address;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    Client(URI address) {
        this.address = address;
    }

    /** @param id names the completion in feedback */
    record Answer(String id, String text, String version) {}

    Answer ask(String model, String question) {
        HttpResponse<String> response = send(
                "POST",
                "/v1/chat/completions",
                "application/json",
                write(Map.of(
                        "model",
                        model,
                        "messages",
                        List.of(Map.of("role", "user", "content", question)),
                        "temperature",
                        0,
                        "max_tokens",
                        LONGEST_ANSWER)));
        JsonNode body = read(response);
        return new Answer(
                body.path("id").asText(),
                body.path("choices").path(0).path("message").path("content").asText(),
                response.headers().firstValue("Perennial-Version").orElse(""));
    }

    JsonNode get(String path) {
        return read(send("GET", path, "", ""));
    }

    JsonNode post(String path, Map<String, ?> body) {
        return read(send("POST", path, "application/json", write(body)));
    }

    JsonNode postLines(String path, List<? extends Map<String, ?>> rows) {
        StringBuilder lines = new StringBuilder();
        rows.forEach(row -> lines.append(write(row)).append('\n'));
        return read(send("POST", path, "application/x-ndjson", lines.toString()));
    }

    private HttpResponse<String> send(String method, String path, String type, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address.resolve(path))
                .timeout(TIMEOUT)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new QuickstartException(
                        method + " " + path + " answered " + response.statusCode() + ": " + response.body());
            }
            return response;
        } catch (IOException e) {
            throw new QuickstartException(method + " " + path + " failed: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QuickstartException(method + " " + path + " was interrupted", e);
        }
    }

    private JsonNode read(HttpResponse<String> response) {
        try {
            return response.body().isEmpty() ? MissingNode.getInstance() : json.readTree(response.body());
        } catch (IOException e) {
            throw new QuickstartException("the answer is no JSON: " + response.body(), e);
        }
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
