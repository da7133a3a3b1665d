package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConclusionTest {
    private static final ClusterReport HELD = ClusterReportTest.report(List.of());
    private static final ClusterReport BROKEN = ClusterReportTest.report(List.of("example 1 is gone"));

    @TempDir
    Path directory;

    private final List<String> complaints = new ArrayList<>();

    private int conclude(Path report, ClusterReport run) {
        return new Conclusion(Optional.of(report), complaints::add, "see there").of(run);
    }

    private static JsonNode json(Path report) throws Exception {
        return new ObjectMapper().readTree(report.toFile());
    }

    @Test
    void aRunThatHeldAndCameToItsEndIsAsItShouldBe() throws Exception {
        Path report = directory.resolve("run.json");
        assertEquals(0, conclude(report, HELD));
        assertEquals(List.of(), complaints);
        assertEquals(7, json(report).path("seed").asInt());
        assertTrue(Files.readString(directory.resolve("run.json.html")).contains("<svg"));
    }

    @Test
    void whatBrokeIsToldThoughTheRunDidNotComeToItsEnd() throws Exception {
        Path report = directory.resolve("run.json");
        assertEquals(1, conclude(report, BROKEN.keptFromItsEnd("not whole again")));
        assertEquals(
                List.of(
                        "the run could not be carried to its end: not whole again; see there",
                        "an invariant broke; see there"),
                complaints);
        assertEquals(1, json(report).path("lost").asInt());
        assertEquals("not whole again", json(report).path("incomplete").path(0).asText());
        assertTrue(Files.exists(directory.resolve("run.json.html")));
    }

    @Test
    void aRunThatHeldAndDidNotComeToItsEndIsIncompleteAndHasItsReport() throws Exception {
        Path report = directory.resolve("run.json");
        assertEquals(3, conclude(report, HELD.keptFromItsEnd("not whole again")));
        assertEquals(List.of("the run could not be carried to its end: not whole again; see there"), complaints);
        assertEquals(12, json(report).path("acknowledged").asInt());
    }

    @Test
    void aReportThatCannotBeWrittenIsNoBrokenInvariant() {
        assertEquals(3, conclude(directory, HELD));
        assertTrue(complaints.get(0).startsWith("the report could not be written: "), complaints::toString);
        assertEquals(1, conclude(directory, BROKEN));
    }
}
