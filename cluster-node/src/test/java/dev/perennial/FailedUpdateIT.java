package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every attempt at an update ends in a crash of its process. */
final class FailedUpdateIT {
    private static final int STEPS = 40;

    @TempDir
    private Path data;

    private NodeProcess node;

    @BeforeEach
    void start() throws Exception {
        // Less memory than the base needs, of which the training process makes a crash.
        node = started("[\"-Xmx6m\", \"-XX:+CrashOnOutOfMemoryError\", \"-Xshare:auto\"]");
    }

    @AfterEach
    void stop() throws Exception {
        node.close();
    }

    @Test
    void isSetAsideWithItsCauseWhileTheDomainLearnsOtherExamples() throws Exception {
        Facts facts = new Facts();
        List<Map<String, String>> examples = facts.examples();
        int half = examples.size() / 2;
        node.client().post("/v1/domains", Facts.domain("crashing", STEPS)).expect(201);
        node.client().examples("crashing", examples.subList(0, half)).expect(200);
        node.client().post("/v1/domains/crashing/updates", Facts.update()).expect(202);

        JsonNode failed = node.client().awaitUpdate("crashing-u1", "failed", "live", "rejected");
        assertEquals("failed", failed.path("state").asText(), failed::toString);
        assertEquals(2, failed.path("attempts").asInt(), failed::toString);
        String reason = failed.path("reason").asText();
        assertTrue(
                reason.matches(
                        "(?s)All 2 attempts ended without a candidate\\. Attempt 1, .*OutOfMemory.* Attempt 2, .*"
                                + "OutOfMemory.*"),
                failed::toString);
        String explanation = failed.path("explanation").asText();
        assertTrue(
                explanation.contains("held back, so that the domain learns others meanwhile: the " + half),
                explanation);
        assertEquals(half, counted("held_back"));
        assertEquals(0, counted("waiting"));
        assertEquals(
                0, node.client().get("/v1/queue").expect(200).path("queued").asInt());

        node.close();
        node = started("[]");
        node.client()
                .examples("crashing", examples.subList(half, examples.size()))
                .expect(200);
        learns("crashing-u2");
        assertEquals(half, counted("held_back"));

        learns("crashing-u3");
        assertEquals(0, counted("held_back"));
        assertEquals(examples.size(), counted("accepted"));
        assertEquals(
                facts.fresh(),
                NodeClient.text(node.client().ask("crashing", facts.question()).expect(200)));
    }

    private void learns(String update) throws Exception {
        node.client().post("/v1/domains/crashing/updates", Facts.update()).expect(202);
        JsonNode learned = node.client().awaitUpdate(update, "live", "failed", "rejected");
        assertEquals("live", learned.path("state").asText(), learned::toString);
    }

    private NodeProcess started(String processOptions) throws Exception {
        Path config = Files.writeString(data.resolve("crashing.conf"), """
                perennial {
                  training { isolation = process, process-options = %s }
                  scheduler { max-attempts = 2, backoff = 100 ms }
                }
                """.formatted(processOptions));
        return NodeProcess.begin(data, "--config", config.toString()).awaitReady();
    }

    private int counted(String what) throws IOException {
        return node.client()
                .get("/v1/domains/crashing")
                .expect(200)
                .path("examples")
                .path(what)
                .asInt();
    }
}
