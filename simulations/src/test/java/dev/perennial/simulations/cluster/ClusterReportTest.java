package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.simulations.cluster.invariants.Write;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterReportTest {
    private static final List<String> REFUSALS = List.of("one", "two", "three", "four", "five", "six");

    static ClusterReport report(List<String> lost) {
        Map<String, List<String>> breaches = new LinkedHashMap<>();
        breaches.put("AcknowledgedExamplesAreKept", lost);
        breaches.put("NothingIsAppliedTwice", List.of());
        return new ClusterReport(
                7,
                60,
                new Findings(breaches, 12, 0, 3, 2),
                new Tally(
                        Map.of(Write.Kind.EXAMPLE, 9L, Write.Kind.FEEDBACK, 2L, Write.Kind.UPDATE, 1L),
                        40,
                        1,
                        REFUSALS),
                List.of(new Episode(Fault.KILL, 1, 10, 12, 20), new Episode(Fault.TERM, 0, 30, 31, 40)),
                List.of(
                        new Answers.Answer("a", 9.5, 0.1),
                        new Answers.Answer("a", 18, 8),
                        new Answers.Answer("a", 29.75, 0.1),
                        new Answers.Answer("a", 30.25, 0.1),
                        new Answers.Answer("a", 41, 0.1)),
                List.of());
    }

    @Test
    void hasTheShapeThatWasAskedFor() throws Exception {
        assertEquals(
                new ObjectMapper().readTree("""
                        {"seed":7,"acknowledged":12,"lost":0,"doubled":0,"faults":{"kill":1,"term":1},
                         "unavailable_seconds":{"kill":{"p50":11.75,"max":11.75},"term":{"p50":10.75,"max":10.75}},
                         "invariants":{"AcknowledgedExamplesAreKept":"held","NothingIsAppliedTwice":"held"},
                         "acknowledged_by_kind":{"domain":0,"example":9,"feedback":2,"update":1,"rollback":0},
                         "sightings":40,"promotions":3,"yields":2,"stuck_nodes":1,"refused":6,
                         "refusals":["one","two","three","four","five"]}"""),
                new ObjectMapper().readTree(report(List.of()).json().toString()));
    }

    @Test
    void tellsWhatKeptTheRunFromItsEnd() throws Exception {
        ClusterReport report =
                report(List.of()).keptFromItsEnd("node 1 is gone").keptFromItsEnd("the disk is full");
        assertEquals(
                new ObjectMapper().readTree("[\"node 1 is gone\",\"the disk is full\"]"),
                report.json().path("incomplete"));
        assertTrue(
                report.table().endsWith("incomplete: node 1 is gone\nincomplete: the disk is full\n"), report::table);
        assertTrue(TimelinePage.of(report).contains("Incomplete: the disk is full"));
    }

    @Test
    void tellsWhatItsJudgementRestsOn() {
        String line =
                "acknowledged: domain 0, example 9, feedback 2, update 1, rollback 0; 40 sightings of a served version;"
                        + " 1 nodes killed as stuck, 6 requests refused; 3 promotions, 2 updates gave way to urgent ones";
        assertTrue(
                report(List.of()).table().contains("\n" + line + "\none\ntwo\nthree\nfour\nfive\nfault "),
                report(List.of())::table);
        assertTrue(TimelinePage.of(report(List.of())).contains(line));
    }

    @Test
    void tellsWhatBroke() {
        ClusterReport report = report(List.of("example 1 is gone", "example 2 is gone"));
        assertEquals(2, report.json().path("lost").asInt());
        assertEquals(
                "broken: example 1 is gone; and 1 more",
                report.json()
                        .path("invariants")
                        .path("AcknowledgedExamplesAreKept")
                        .asText());
        assertTrue(TimelinePage.of(report).contains("2 breaches; the first: example 1 is gone"));
    }

    @Test
    void whatBrokeOnceStaysBroken() {
        Findings before = report(List.of("gone")).findings();
        Findings after = before.and(report(List.of()).findings());
        assertEquals(1, after.lost());
        assertTrue(TimelinePage.of(report(List.of())).contains("<svg"));
    }
}
