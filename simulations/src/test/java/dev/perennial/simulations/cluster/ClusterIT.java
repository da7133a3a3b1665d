package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.simulations.cluster.invariants.Write;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes of the real program under load, of which one is killed and one is told to end. */
class ClusterIT {
    @Test
    void losesAndDoublesNothingWhenNodesDie(@TempDir Path work) throws Exception {
        ClusterOptions options = new ClusterOptions(
                2,
                Duration.ofSeconds(40),
                1,
                EnumSet.of(Fault.KILL, Fault.TERM),
                20,
                2_500,
                1,
                192,
                Duration.ofSeconds(1),
                Duration.ofSeconds(6),
                work);
        ClusterReport report = Simulation.run(options, line -> System.err.println("ClusterIT: " + line));
        assertEquals(List.of(), report.incomplete(), report::table);
        assertTrue(report.findings().held(), report::table);
        Tally tally = report.tally();
        assertEquals(List.of(), tally.refusals(), report::table);
        assertEquals(0, tally.stuckNodes(), report::table);
        assertTrue(report.findings().acknowledged() > options.waiting() + 100, report::table);
        assertTrue(tally.acknowledged(Write.Kind.FEEDBACK) > 0, report::table);
        assertTrue(tally.acknowledged(Write.Kind.UPDATE) > 0, report::table);
        int inTheEnd = options.nodes() * options.domains() * 2;
        assertTrue(tally.sightings() > inTheEnd, report::table);
        assertTrue(report.findings().promotions() > 0, report::table);
        Map<Fault, ClusterReport.Outage> outages = report.outages();
        assertTrue(outages.containsKey(Fault.KILL) && outages.containsKey(Fault.TERM), report::table);
    }
}
