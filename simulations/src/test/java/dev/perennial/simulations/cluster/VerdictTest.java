package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static final Findings BROKEN = found("example 1 is gone");

    private static Findings found(String... breaches) {
        return new Findings(Map.of("AcknowledgedExamplesAreKept", List.of(breaches)), 1, 0, 0, 0);
    }

    private static Findings fail(String why) {
        throw new SimulationException(why);
    }

    @Test
    void isWhatTheRunFoundThatCameToItsEnd() throws Exception {
        assertEquals(new Verdict(BROKEN, List.of()), Verdict.of(() -> found(), () -> BROKEN, () -> fail("asked")));
    }

    @Test
    void keepsWhatWasFoundBeforeTheRunWasBrokenOff() throws Exception {
        Verdict verdict = Verdict.of(() -> BROKEN, () -> fail("not whole"), VerdictTest::found);
        assertEquals(BROKEN, verdict.findings());
        assertEquals(List.of("not whole"), verdict.incomplete());
    }

    @Test
    void looksOnceMoreWhenTheRunWasBrokenOff() throws Exception {
        assertEquals(
                BROKEN,
                Verdict.of(VerdictTest::found, () -> fail("not whole"), () -> BROKEN)
                        .findings());
    }

    @Test
    void aLastLookThatFailsCostsNothing() throws Exception {
        Verdict verdict = Verdict.of(() -> BROKEN, () -> fail("not whole"), () -> fail("the database is gone"));
        assertEquals(new Verdict(BROKEN, List.of("not whole")), verdict);
    }

    @Test
    void whatIsFoundUntilTheLastLookIsOverCounts() throws Exception {
        Findings[] soFar = {found()};
        Verdict verdict = Verdict.of(() -> soFar[0], () -> fail("not whole"), () -> {
            soFar[0] = BROKEN;
            return found();
        });
        assertEquals(BROKEN, verdict.findings());
    }

    @Test
    void anInterruptIsNoVerdict() {
        assertThrows(
                InterruptedException.class,
                () -> Verdict.of(
                        VerdictTest::found,
                        () -> {
                            throw new InterruptedException();
                        },
                        VerdictTest::found));
    }
}
