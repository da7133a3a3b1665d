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
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node that holds the domain and the scheduler is frozen until another has taken its place, and goes on then. */
final class FenceIT {
    private static final Duration REPLACED = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static EmbeddedCassandra cassandra;
    private static int founderPort;
    private static int otherPort;
    private static NodeProcess founder;
    private static NodeProcess other;

    @BeforeAll
    static void start() throws Exception {
        cassandra = EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(directory.resolve("database")));
        // Of two nodes the one with the lower address goes on.
        int one = NodeProcess.freePort();
        int another = NodeProcess.freePort();
        founderPort = Math.max(one, another);
        otherPort = Math.min(one, another);
        founder = begin("founder", founderPort).awaitReady();
        // Its shard is where it was made, on the only node that there was.
        founder.client()
                .post("/v1/domains", Map.of("id", "frozen", "description", "On the node that stands still."))
                .expect(201);
        other = begin("other", otherPort).awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        founder.close();
        other.close();
        cassandra.close();
    }

    private static NodeProcess begin(String name, int port) throws IOException {
        InetSocketAddress database = cassandra.contactPoint();
        Path config = Files.writeString(directory.resolve(name + ".conf"), """
                perennial {
                  cluster {
                    roles = [api, domain], port = %d, seeds = ["127.0.0.1:%d", "127.0.0.1:%d"]
                  }
                  cassandra.contact-points = ["%s:%d"]
                }
                """.formatted(
                        port, founderPort, otherPort, database.getHostString(), database.getPort()));
        return NodeProcess.begin(directory.resolve(name), "--config", config.toString());
    }

    @Test
    void aNodeThatWasReplacedWhileItStoodStillWritesAndAcknowledgesNothing() throws Exception {
        NodeClient before = founder.client();
        before.examples("frozen", examples(0, 10)).expect(200);
        before.post("/v1/domains/frozen/updates", Facts.update()).expect(202);
        Await.until("the update is queued", Duration.ofSeconds(10), () -> queued(before) == 1);

        founder.signal("STOP");
        CompletableFuture<Integer> examples = status(() -> before.examples("frozen", examples(100, 10)));
        CompletableFuture<Integer> created =
                status(() -> before.post("/v1/domains", Map.of("id", "late", "description", "Too late.")));
        CompletableFuture<Integer> cancelled = status(() -> before.delete("/v1/updates/frozen-u1"));
        NodeClient after = other.client();
        Await.until(
                "the other has taken its place",
                REPLACED,
                () -> after.get("/v1/domains/frozen").status() == 200
                        && after.get("/v1/queue").status() == 200);
        after.examples("frozen", examples(10, 5)).expect(200);
        assertEquals(1, queued(after));

        founder.signal("CONT");
        assertEquals(1, founder.awaitExit(Duration.ofSeconds(60)));
        assertTrue(founder.output().contains("start it again"), founder::output);
        // The cluster stops it soon too; this one does not wait to be told.
        assertTrue(
                founder.output().contains("This node writes no more and stops: the node stood still"), founder::output);
        for (CompletableFuture<Integer> answer : List.of(examples, created, cancelled)) {
            int status = answer.join();
            assertFalse(status >= 200 && status < 300, () -> "acknowledged with " + status);
        }
        assertUntouched(after);

        // What the journal says, by a node that reads it from its beginning.
        founder.close();
        founder = begin("founder", founderPort).awaitReady();
        other.terminate();
        other.awaitExit(Duration.ofSeconds(60));
        NodeClient again = founder.client();
        Await.until(
                "the journal is read",
                REPLACED,
                () -> again.get("/v1/domains/frozen").status() == 200);
        assertUntouched(again);
    }

    private static void assertUntouched(NodeClient client) throws IOException {
        JsonNode domain = client.get("/v1/domains/frozen").expect(200);
        assertEquals(15, domain.path("examples").path("accepted").asInt(), domain::toString);
        client.get("/v1/domains/late").expect(404);
        assertEquals(
                "queued",
                client.get("/v1/updates/frozen-u1").expect(200).path("state").asText());
        assertEquals(1, queued(client));
    }

    private static int queued(NodeClient client) throws IOException {
        return client.get("/v1/queue").expect(200).path("queued").asInt();
    }

    private static List<Map<String, String>> examples(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> Map.of("prompt", "Question " + i + "?", "completion", "Answer " + i))
                .toList();
    }

    /** Of the answer; 0 where the connection broke. */
    private static CompletableFuture<Integer> status(Callable<NodeClient.Answer> call) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return call.call().status();
            } catch (IOException broken) {
                return 0;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
