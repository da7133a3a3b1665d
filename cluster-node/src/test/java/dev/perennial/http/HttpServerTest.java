package dev.perennial.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.perennial.settings.HttpSettings;
import dev.perennial.settings.Settings;
import java.net.BindException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.junit.jupiter.api.Test;

final class HttpServerTest {
    @Test
    void portInUseIsSaidWithWhatToDo() {
        try (TestNode first = TestNode.start()) {
            int port = first.server.address().getPort();
            HttpSettings settings = Settings.from(ConfigFactory.parseString("perennial.http.port = " + port)
                            .withFallback(ConfigFactory.load()))
                    .http();
            Readiness readiness = new Readiness();
            var second = HttpServer.start(first.system, new HealthRoutes(readiness).routes(), settings, readiness);
            BindException failure = assertInstanceOf(
                    BindException.class,
                    assertThrows(CompletionException.class, () -> TestNode.await(second))
                            .getCause());
            assertEquals(
                    "cannot listen on 127.0.0.1:" + port + ": the port is in use; choose another",
                    failure.getMessage());
        }
    }

    @Test
    void takesNothingBeforeItHasStarted() {
        try (TestNode node = TestNode.starting()) {
            assertEquals(200, node.get("/alive").statusCode());
            assertEquals(503, node.get("/ready").statusCode());
            HttpResponse<String> refused = node.get("/v1/domains");
            assertEquals(503, refused.statusCode());
            assertTrue(refused.body().contains("the node is starting; ask another"), refused.body());
            node.readiness.started();
            assertEquals(200, node.get("/v1/domains").statusCode());
        }
    }

    @Test
    void stopsBeingReadyAtOnceAndFinishesWhatItBegan() {
        TestNode node = TestNode.start("perennial.http { drain = 2 s, generation-timeout = 700 ms }");
        CompletableFuture<HttpResponse<String>> inFlight = node.client.sendAsync(
                node.request("/v1/chat/completions")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"model\":\"news\",\"messages\":[{\"role\":\"user\",\"content\":\"hang\"}]}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertEquals(200, node.get("/ready").statusCode());
        var stopped = CoordinatedShutdown.get(node.system).runAll(CoordinatedShutdown.unknownReason());
        while (!node.readiness.isStopping()) {
            Thread.onSpinWait();
        }
        assertEquals(503, node.get("/ready").statusCode());
        assertEquals(200, node.get("/alive").statusCode());
        assertEquals(503, TestNode.await(inFlight).statusCode());
        assertTrue(inFlight.join().body().contains("did not answer within 700 ms"));
        TestNode.await(stopped);
        assertThrows(CompletionException.class, () -> node.get("/alive"));
    }
}
