package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.persistence.embedded.EmbeddedCassandra;
import dev.perennial.persistence.embedded.EmbeddedCassandraSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster whose nodes have one job each, in processes of their own, with one database. */
final class RolesIT {
    private static final int STEPS = 100;

    @TempDir
    private static Path directory;

    private static EmbeddedCassandra cassandra;
    private static int seed;
    private static NodeProcess holder;
    private static NodeProcess worker;
    private static NodeProcess front;

    @BeforeAll
    static void start() throws Exception {
        cassandra = EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(directory.resolve("database")));
        seed = NodeProcess.freePort();
        holder = begin("holder", "domain", seed);
        worker = begin("worker", "trainer, serving", NodeProcess.freePort());
        front = begin("front", "api", NodeProcess.freePort());
        for (NodeProcess node : List.of(holder, worker, front)) {
            node.awaitReady();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        for (NodeProcess node : List.of(front, worker, holder)) {
            node.close();
        }
        cassandra.close();
    }

    private static NodeProcess begin(String name, String roles, int port) throws IOException {
        InetSocketAddress database = cassandra.contactPoint();
        Path config = Files.writeString(directory.resolve(name + ".conf"), """
                perennial {
                  cluster { roles = [%s], port = %d, seeds = ["127.0.0.1:%d"] }
                  cassandra.contact-points = ["%s:%d"]
                }
                """.formatted(
                        roles, port, seed, database.getHostString(), database.getPort()));
        return NodeProcess.begin(directory.resolve(name), "--config", config.toString());
    }

    @Test
    void anUpdateIsRequestedHeldTrainedAndServedOnDifferentNodes() throws Exception {
        Facts facts = new Facts();
        NodeClient client = front.client();
        client.post("/v1/domains", Facts.domain("spread", STEPS)).expect(201);
        client.examples("spread", facts.examples()).expect(200);
        client.post("/v1/domains/spread/updates", Facts.update()).expect(202);
        JsonNode update = client.awaitUpdate("spread-u1", "live", "failed", "rejected", "cancelled");
        assertEquals("live", update.path("state").asText(), update::toString);
        NodeClient.Answer answer = client.ask("spread", facts.question());
        assertEquals(facts.fresh(), NodeClient.text(answer.expect(200)));
        assertEquals(
                "spread@1", answer.headers().firstValue("Perennial-Version").orElse(""));
        JsonNode trainers = client.get("/v1/queue").expect(200).path("trainers");
        assertEquals(1, trainers.size(), trainers::toString);
    }

    @Test
    void onlyNodesThatComputeLoadTheEngine() throws Exception {
        assertTrue(loadsTorch(worker));
        assertFalse(loadsTorch(front));
        assertFalse(loadsTorch(holder));
    }

    @Test
    void nodesWithoutTheApiAnswerTheirProbesAlone() throws Exception {
        for (NodeProcess node : List.of(holder, worker)) {
            node.client().get("/alive").expect(200);
            node.client().get("/ready").expect(200);
            node.client().get("/v1/models").expect(404);
        }
    }

    @Test
    void completionsAreRefusedWhileNobodyServesAndComeBackWithAnotherNode() throws Exception {
        front.client().ask("base", "Hello?").expect(200);
        worker.terminate();
        worker.awaitExit(Duration.ofSeconds(30));
        Await.until(
                "the front notices",
                Duration.ofSeconds(10),
                () -> front.client().ask("base", "Hello?").status() == 503);
        JsonNode refusal = front.client().ask("base", "Hello?").expect(503).path("error");
        assertTrue(refusal.path("message").asText().contains("no node that writes completions"), refusal::toString);

        worker.close();
        worker = begin("worker", "trainer, serving", NodeProcess.freePort()).awaitReady();
        Await.until(
                "the front notices",
                Duration.ofSeconds(10),
                () -> front.client().ask("base", "Hello?").status() == 200);
    }

    private static boolean loadsTorch(NodeProcess node) throws IOException {
        return Files.readString(Path.of("/proc/" + node.pid() + "/maps")).contains("libtorch");
    }
}
