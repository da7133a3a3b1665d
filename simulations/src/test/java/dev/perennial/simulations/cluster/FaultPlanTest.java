package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
    private static final Duration QUIET = Duration.ofSeconds(20);

    private static List<FaultPlan.Planned> plan(long seed, Set<Fault> faults, int nodes, int length) {
        FaultPlan plan = new FaultPlan(seed, faults, nodes, QUIET);
        return Stream.generate(plan::next).limit(length).toList();
    }

    @Test
    void followsFromItsSeed() {
        Set<Fault> all = EnumSet.allOf(Fault.class);
        assertEquals(plan(7, all, 3, 100), plan(7, new HashSet<>(all), 3, 100));
        assertNotEquals(plan(7, all, 3, 100), plan(8, all, 3, 100));
    }

    @Test
    void beginsWithEachKindOnce() {
        Set<Fault> all = EnumSet.allOf(Fault.class);
        List<Fault> first = plan(3, all, 3, all.size()).stream()
                .map(FaultPlan.Planned::fault)
                .toList();
        assertEquals(all, EnumSet.copyOf(first));
    }

    @Test
    void drawsByWeight() {
        List<FaultPlan.Planned> drawn = plan(5, EnumSet.of(Fault.KILL, Fault.HANG), 3, 2_000);
        long kills = drawn.stream().filter(each -> each.fault() == Fault.KILL).count();
        // 8 in 9 are expected; the bounds are 6 standard deviations away.
        assertTrue(kills > 1_693 && kills < 1_862, () -> "kills: " + kills);
    }

    @Test
    void sparesTheHalfOfTwoThatSurvivesASplit() {
        List<FaultPlan.Planned> drawn = plan(9, EnumSet.of(Fault.KILL, Fault.TERM), 2, 200);
        assertTrue(drawn.stream().filter(each -> each.fault() == Fault.KILL).allMatch(each -> each.victim() == 1));
        assertTrue(drawn.stream().anyMatch(each -> each.fault() == Fault.TERM && each.victim() == 0));
    }

    @Test
    void staysWithinTheLengthsOfEachKind() {
        for (FaultPlan.Planned each : plan(11, EnumSet.allOf(Fault.class), 5, 1_000)) {
            long millis = each.length().toMillis();
            assertTrue(
                    millis >= each.fault().shortestSeconds() * 1_000L
                            && millis <= each.fault().longestSeconds() * 1_000L,
                    each::toString);
            assertTrue(
                    each.quiet().compareTo(QUIET) >= 0
                            && each.quiet().minusSeconds(2).compareTo(QUIET) < 0,
                    each::toString);
            assertTrue(each.victim() >= 0 && each.victim() < 5, each::toString);
        }
    }
}
