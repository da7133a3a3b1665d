package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.persistence.embedded.EmbeddedCassandra;
import dev.perennial.persistence.embedded.EmbeddedCassandraSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Today's build and {@link NextBuild}, which speaks a newer protocol, in one cluster with one database. */
final class RollingUpgradeIT {
    private static final int STEPS = 100;
    private static final Duration HANDOVER = Duration.ofSeconds(30);
    private static final String HELD_BY_OLD = "older";
    private static final String HELD_BY_NEXT = "newer";

    @TempDir
    private static Path directory;

    private static Path nextClasses;
    private static final Deque<AutoCloseable> started = new ArrayDeque<>();

    private static EmbeddedCassandra cassandra;
    private static int oldPort;
    private static int nextPort;
    private static NodeProcess old;
    private static NodeProcess next;
    private static Facts facts;

    @BeforeAll
    static void start() throws Exception {
        facts = new Facts();
        nextClasses = NextBuild.compile(directory.resolve("next-build"));
        cassandra = EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(directory.resolve("database")));
        started.push(cassandra);
        oldPort = NodeProcess.freePort();
        nextPort = NodeProcess.freePort();
        old = beginOld().awaitReady();
        old.client().post("/v1/domains", Facts.domain(HELD_BY_OLD, STEPS)).expect(201);
        next = beginNext().awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each : started) {
            each.close();
        }
    }

    private static NodeProcess beginOld() throws IOException {
        return toBeClosed(NodeProcess.begin(
                directory.resolve("old"), "--config", config(oldPort).toString()));
    }

    private static NodeProcess beginNext() throws IOException {
        return toBeClosed(NodeProcess.begin(nextClasses, directory.resolve("next"), config(nextPort)));
    }

    private static NodeProcess toBeClosed(NodeProcess node) {
        started.push(node);
        return node;
    }

    /** No node is put out here because the machine of the test is slow: that is what other tests are about. */
    private static Path config(int port) throws IOException {
        InetSocketAddress database = cassandra.contactPoint();
        return Files.writeString(directory.resolve(port + ".conf"), """
                perennial {
                  cluster { port = %d, seeds = ["127.0.0.1:%d", "127.0.0.1:%d"] }
                  cassandra.contact-points = ["%s:%d"]
                }
                pekko.cluster.failure-detector.acceptable-heartbeat-pause = 60 s
                """.formatted(
                        port, oldPort, nextPort, database.getHostString(), database.getPort()));
    }

    @Test
    void aClusterIsRenewedNodeByNodeAndBackAndLosesNothing() throws Exception {
        // Sharding gives what is new to the newest.
        old.client().post("/v1/domains", Facts.domain(HELD_BY_NEXT, STEPS)).expect(201);

        eachBuildDoesItsPart();
        theOldBuildMeetsWhatItDoesNotKnow();
        nothingNewIsUsedYet();

        stop(next);
        everythingIsKept(old.client(), 0);
        old.client().examples(HELD_BY_NEXT, more()).expect(200);

        next = beginNext().awaitReady();
        stop(old);
        everythingIsKept(next.client(), more().size());
        theNewIsUsedOnceAllSpeakIt();
        theOldBuildRefusesADatabaseThatItWouldMisread();
        everythingIsKept(next.client(), more().size());
    }

    /** Requests through one build for domains of the other, an update on the trainer of each, completions by each. */
    private static void eachBuildDoesItsPart() throws Exception {
        NodeClient ofOld = old.client();
        NodeClient ofNext = next.client();
        ofNext.examples(HELD_BY_OLD, facts.examples()).expect(200);
        ofOld.examples(HELD_BY_NEXT, facts.examples()).expect(200);
        ofNext.post("/v1/domains/" + HELD_BY_OLD + "/updates", Facts.update()).expect(202);
        ofOld.post("/v1/domains/" + HELD_BY_NEXT + "/updates", Facts.update()).expect(202);
        Set<String> trained = new HashSet<>();
        Await.until("the trainers of both builds have held a lease", Duration.ofMinutes(1), () -> {
            for (JsonNode trainer : ofOld.get("/v1/queue").expect(200).path("trainers")) {
                if (!trainer.path("update").asText("").isEmpty()) {
                    trained.add(trainer.path("id").asText());
                }
            }
            return trained.size() == 2;
        });
        for (String domain : List.of(HELD_BY_OLD, HELD_BY_NEXT)) {
            JsonNode update = ofOld.awaitUpdate(domain + "-u1", "live", "failed", "rejected", "cancelled");
            assertEquals("live", update.path("state").asText(), update::toString);
        }
        everythingIsKept(ofOld, 0);
        everythingIsKept(ofNext, 0);
    }

    /** A command of an unknown kind is answered at once; a message that needs no answer is dropped and told in the log. */
    private static void theOldBuildMeetsWhatItDoesNotKnow() throws Exception {
        next.client().get("/v1/domains/" + HELD_BY_NEXT + "/description").expect(200);
        JsonNode refusal = next.client()
                .get("/v1/domains/" + HELD_BY_OLD + "/description")
                .expect(503)
                .path("error");
        assertTrue(
                refusal.path("message").asText().contains("does not know the command 'show-description'"),
                refusal::toString);
        assertTrue(old.output().contains("SchedulerCommand$TrainerGreets"), old::output);
        assertEquals(
                2, old.client().get("/v1/queue").expect(200).path("trainers").size());
    }

    private static void nothingNewIsUsedYet() throws Exception {
        JsonNode refusal = next.client()
                .put("/v1/domains/" + HELD_BY_NEXT + "/description", Map.of("description", "Renewed."))
                .expect(503)
                .path("error");
        assertTrue(refusal.path("message").asText().contains("not every node"), refusal::toString);
    }

    private static void theNewIsUsedOnceAllSpeakIt() throws Exception {
        for (String domain : List.of(HELD_BY_OLD, HELD_BY_NEXT)) {
            String path = "/v1/domains/" + domain + "/description";
            Await.until(
                    "all nodes speak the new protocol",
                    HANDOVER,
                    () -> next.client()
                                    .put(path, Map.of("description", "Renewed."))
                                    .status()
                            == 200);
            assertEquals(
                    "Renewed.",
                    next.client().get(path).expect(200).path("description").asText());
        }
    }

    private static void theOldBuildRefusesADatabaseThatItWouldMisread() throws Exception {
        old = beginOld();
        assertEquals(1, old.awaitExit(HANDOVER));
        assertTrue(old.output().contains("written by builds of protocol 3"), old::output);
    }

    /** Whatever any build has acknowledged so far. */
    private static void everythingIsKept(NodeClient client, int moreOfNext) throws Exception {
        for (String domain : List.of(HELD_BY_OLD, HELD_BY_NEXT)) {
            String path = "/v1/domains/" + domain;
            Await.until(domain + " is there", HANDOVER, () -> client.get(path).status() == 200);
            int accepted = facts.examples().size() + (domain.equals(HELD_BY_NEXT) ? moreOfNext : 0);
            assertEquals(
                    accepted,
                    client.get(path)
                            .expect(200)
                            .path("examples")
                            .path("accepted")
                            .asInt());
            JsonNode again = client.examples(domain, facts.examples()).expect(200);
            assertEquals(facts.examples().size(), again.path("duplicates").asInt(), again::toString);
            assertEquals(
                    "live",
                    client.get("/v1/updates/" + domain + "-u1")
                            .expect(200)
                            .path("state")
                            .asText());
            assertEquals(
                    1, client.get(path + "/versions").expect(200).path("data").size());
            NodeClient.Answer answer = client.ask(domain, facts.question());
            assertEquals(facts.fresh(), NodeClient.text(answer.expect(200)));
            assertEquals(
                    domain + "@1",
                    answer.headers().firstValue("Perennial-Version").orElse(""));
        }
    }

    private static List<Map<String, String>> more() {
        return List.of(Map.of("prompt", "What came between?", "completion", "The old build."));
    }

    private static void stop(NodeProcess node) throws Exception {
        node.terminate();
        node.awaitExit(Duration.ofMinutes(1));
    }
}
