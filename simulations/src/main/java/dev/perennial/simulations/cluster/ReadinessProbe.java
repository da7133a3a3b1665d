package dev.perennial.simulations.cluster;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a node whether it wants requests. */
final class ReadinessProbe {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int OK = 200;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    boolean isReady(NodeAddress node) throws InterruptedException {
        return answers(node, "/ready");
    }

    /** Whether a GET of this path succeeds soon. */
    boolean answers(NodeAddress node, String path) throws InterruptedException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(node.uri(path)).timeout(PATIENCE).build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
        } catch (IOException notYet) {
            return false;
        }
    }
}
