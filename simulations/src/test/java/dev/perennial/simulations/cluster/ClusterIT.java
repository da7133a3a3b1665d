package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
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
                1,
                192,
                Duration.ofSeconds(6),
                work);
        Simulation.Outcome outcome = Simulation.run(options, line -> System.err.println("ClusterIT: " + line));
        ClusterReport report = outcome.report();
        assertTrue(report.findings().held(), report::table);
        assertEquals(0, outcome.refusals(), report::table);
        assertTrue(report.findings().acknowledged() > 100, report::table);
        Map<Fault, ClusterReport.Outage> outages = report.outages();
        assertTrue(outages.containsKey(Fault.KILL) && outages.containsKey(Fault.TERM), report::table);
    }
}
