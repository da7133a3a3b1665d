package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import dev.perennial.protocols.DomainId;
import dev.perennial.simulations.cluster.invariants.Sighting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatcherTest {
    private static final DomainId NEWS = new DomainId("news");

    @TempDir
    Path directory;

    /** What is seen in an answer with this header. */
    private Optional<Sighting> sighted(String version) throws Exception {
        HttpServer server = answering(version);
        try (History history = History.in(directory.resolve("history.jsonl"))) {
            NodeAddress node = new NodeAddress(0, server.getAddress().getPort(), 1, 2, 3);
            ClusterClient client = new ClusterClient("watcher", List.of(node), 0, history, Duration.ofSeconds(20));
            return client.sendTo(0, Watcher.question(NEWS)).flatMap(reply -> Watcher.sighting(NEWS, reply));
        } finally {
            server.stop(0);
        }
    }

    private static HttpServer answering(String version) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/completions", exchange -> {
            String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Perennial-Version", version);
            exchange.sendResponseHeaders(asked.contains("\"model\":\"news\"") ? 200 : 404, 2);
            exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
        return server;
    }

    @Test
    void seesWhichVersionOfTheDomainAnswered() throws Exception {
        Sighting sighting = sighted("news@12").orElseThrow();
        assertEquals(NEWS, sighting.domain());
        assertEquals(12, sighting.version());
        assertEquals(0, sighting.node());
    }

    @Test
    void anAnswerOfAnotherDomainIsNone() throws Exception {
        assertEquals(Optional.empty(), sighted("newspaper@12"));
        assertEquals(Optional.empty(), sighted("base"));
    }
}
