package dev.perennial.simulations.forgetting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindingsTest {
    private static final double EXACT = 1e-12;

    private static RunResult run(String method, int order, double first, double second) {
        AccuracyMatrix matrix =
                new AccuracyMatrix(List.of(0.0, 0.0), List.of(List.of(1.0, 0.0), List.of(first, second)));
        return new RunResult(method, 1, order, matrix, 0.9, 0.88, 0.05, 100, 400, 2.0, false);
    }

    private static Findings findings() {
        return new Findings(
                new Findings.Setup("world", List.of("mayor", "river"), 1, 2, "policy"),
                "lora+replay",
                List.of(
                        run("lora", 0, 0.2, 0.6),
                        run("lora", 1, 0.2, 0.6),
                        run("joint", 0, 0.8, 0.8),
                        run("joint", 1, 0.8, 0.8),
                        run("lora+replay", 0, 0.6, 0.8),
                        run("lora+replay", 1, 0.8, 1.0)));
    }

    @Test
    void theGapIsThatBetweenSequentialAndJoint() {
        MethodSummary replay = findings().methods().get(2);
        assertEquals("lora+replay", replay.name());
        // means 0.4, 0.8 and 0.8
        assertEquals(1.0, findings().gapClosed(replay).orElseThrow(), 1e-9);
    }

    @Test
    void withoutItsBoundsThereIsNoGap() {
        List<RunResult> one = List.of(run("lora", 0, 0.2, 0.6));
        Findings findings = new Findings(findings().setup(), "lora", one);
        assertEquals(Optional.empty(), findings.gapClosed(findings.methods().get(0)));
    }

    @Test
    void theReportHasMeansAndSpreadsOverTheRuns(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("report.json");
        findings().write(file);
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertEquals("world", json.path("sequence").asText());
        assertEquals(2, json.path("tasks").asInt());
        assertEquals(1, json.path("seeds").asInt());
        assertEquals(2, json.path("orders").asInt());
        JsonNode replay = json.path("methods").get(2);
        assertTrue(replay.path("default").asBoolean());
        assertFalse(json.path("methods").get(0).path("default").asBoolean());
        // 0.7 and 0.9
        assertEquals(0.8, replay.path("average_accuracy").path("mean").asDouble(), EXACT);
        assertEquals(
                Math.sqrt(0.02), replay.path("average_accuracy").path("spread").asDouble(), EXACT);
        // 0.6 - 1 and 0.8 - 1
        assertEquals(-0.3, replay.path("backward_transfer").path("mean").asDouble(), EXACT);
        assertEquals(0, replay.path("forward_transfer").path("mean").asDouble(), EXACT);
        assertEquals(-0.02, replay.path("general_change").path("mean").asDouble(), EXACT);
        assertEquals(0.05, replay.path("buffer_share").asDouble(), EXACT);
        assertEquals(2, replay.path("seconds").asDouble(), EXACT);
        assertEquals(0.7, replay.path("matrix").get(1).get(0).asDouble(), EXACT);
        assertEquals(0.0, replay.path("matrix").get(0).get(1).asDouble(), EXACT);
    }

    @Test
    void whatWasLearnedOnceHasNoTransfer(@TempDir Path folder) throws IOException {
        RunResult each = run("joint", 0, 0.2, 0.6);
        RunResult once = new RunResult("joint", 1, 0, each.matrix(), 0.9, 0.88, 1, 100, 400, 2.0, true);
        Findings findings = new Findings(findings().setup(), "lora", List.of(once));
        assertTrue(findings.table().matches("(?s).*joint +40\\.0 +- +- +- +- +- +-2\\.0 .*"), findings.table());
        Path file = folder.resolve("report.json");
        findings.write(file);
        JsonNode joint =
                new ObjectMapper().readTree(file.toFile()).path("methods").get(0);
        assertTrue(joint.path("learned_once").asBoolean());
        assertEquals(0, joint.path("backward_transfer").path("mean").asDouble(1));
    }

    @Test
    void theTableMarksTheDefault() {
        assertTrue(findings().table().contains("lora+replay*"), findings().table());
    }
}
