package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterClientTest {
    private static final ClusterClient.Call CALL = ClusterClient.Call.get("/");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LATE = Duration.ofMillis(20);

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<HttpServer> servers = new ArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger held = new AtomicInteger();

    @AfterEach
    void stop() {
        released.countDown();
        servers.forEach(server -> server.stop(0));
        threads.shutdown();
    }

    @Test
    void asksTheNextNodeTooWhileOneIsLate() throws Exception {
        List<NodeAddress> nodes = List.of(holding(), answering(200));
        try (History history = history()) {
            ClusterClient client = new ClusterClient("probe", nodes, 0, history, PATIENCE);
            assertEquals(1, hedged(client, LATE));
            assertEquals(1, held.get());
            assertEquals(1, hedged(client, PATIENCE), "it stays with the one that answered");
            assertEquals(1, held.get());
        }
    }

    @Test
    void givesUpNoNodeThatIsLate() throws Exception {
        List<NodeAddress> nodes = List.of(holding(), answering(503));
        try (History history = history()) {
            ClusterClient client = new ClusterClient("probe", nodes, 0, history, PATIENCE);
            threads.execute(() -> {
                while (held.get() == 0) {
                    Thread.onSpinWait();
                }
                released.countDown();
            });
            assertEquals(0, hedged(client, LATE));
            assertEquals(1, held.get(), "nor asks it twice");
        }
    }

    @Test
    void goesOnAtOnceWhereANodeSaysToTryAgain() throws Exception {
        List<NodeAddress> nodes = List.of(answering(503), answering(200));
        try (History history = history()) {
            assertEquals(1, hedged(new ClusterClient("probe", nodes, 0, history, PATIENCE), PATIENCE));
        }
    }

    private static int hedged(ClusterClient client, Duration late) throws InterruptedException {
        return client.sendHedged(CALL, late, Deadline.in(PATIENCE))
                .orElseThrow()
                .node();
    }

    private History history() {
        return History.in(directory.resolve("history.jsonl"));
    }

    /** A node that keeps what it is asked until that is released. */
    private NodeAddress holding() throws IOException {
        return node(200, true);
    }

    private NodeAddress answering(int status) throws IOException {
        return node(status, false);
    }

    private NodeAddress node(int status, boolean holds) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try {
                if (holds) {
                    held.incrementAndGet();
                    released.await();
                }
                exchange.sendResponseHeaders(status, 2);
                exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                exchange.close();
            }
        });
        server.start();
        servers.add(server);
        return new NodeAddress(servers.size() - 1, server.getAddress().getPort(), 1, 2, 3);
    }
}
