package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.GateReport;
import dev.perennial.protocols.Score;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final Score SUITE = new Score(0.5, -1, 100, 100);

    @Test
    void passesACandidateThatLearnedAndForgotNothing() {
        GateReport report = judge(0.1, score(0.2, -2.0), score(0.8, -1.5), SUITE, SUITE);
        assertTrue(report.passed());
        assertEquals(
                "New: the mean log-probability of 10 held-out examples went from -2.0000 to -1.5000 nats a token, which"
                        + " is above the limit of -1.9000; accuracy on the 10 that can be right or wrong went from"
                        + " 20.0 % to 80.0 %, which is not a loss.",
                report.checks().get(0).explanation());
    }

    @Test
    void asksForMoreThanTheMinimumImprovementNotForAsMuch() {
        assertFalse(judge(0.5, score(0.5, -2.0), score(0.5, -1.5), SUITE, SUITE).passed());
        assertTrue(
                judge(0.5, score(0.5, -2.0), score(0.5, -1.4375), SUITE, SUITE).passed());
        assertFalse(judge(0.0, score(0.5, -2.0), score(0.5, -2.0), SUITE, SUITE).passed());
    }

    @Test
    void rejectsAFallOfAccuracyOnTheNewExamples() {
        assertFalse(judge(0, score(0.5, -2.0), score(0.4, -1.0), SUITE, SUITE).passed());
    }

    @Test
    void toleratesALossOfRetainedAccuracyUpToTheLimit() {
        assertTrue(judge(0, score(0.5, -2), score(0.5, -1), SUITE, new Score(0.48, -1, 100, 100))
                .passed());
        assertFalse(judge(0, score(0.5, -2), score(0.5, -1), SUITE, new Score(0.47, -1, 100, 100))
                .passed());
    }

    @Test
    void rejectsALossOfGeneralAbility() {
        GateReport report = Gate.judge(
                policy(0),
                new Evaluation(score(0.5, -2), score(0.5, -1), SUITE, SUITE, SUITE, new Score(0.4, -1, 100, 100)));
        assertEquals(
                "General: accuracy on 100 examples went from 50.0 % to 40.0 %; a loss of 10.0 points is more than the"
                        + " tolerated 2.0.",
                Gate.reason(report));
    }

    @Test
    void saysWhatWasNotMeasured() {
        GateReport report = judge(0, Score.EMPTY, Score.EMPTY, Score.EMPTY, Score.EMPTY);
        assertTrue(report.passed());
        assertEquals(
                "New: not measured, since no new example was held out.",
                report.checks().get(0).explanation());
        assertEquals(
                "Retained: not measured, since its suite has no example with a right answer.",
                report.checks().get(1).explanation());
    }

    @Test
    void rejectsWhatCannotBeCompared() {
        assertFalse(
                judge(0, score(0.5, -2), new Score(0.5, -1, 9, 9), SUITE, SUITE).passed());
        assertFalse(judge(0, score(0.5, -2), Score.EMPTY, SUITE, SUITE).passed());
        assertFalse(judge(0, score(0.5, -2), score(0.5, -1), SUITE, Score.EMPTY).passed());
    }

    @Test
    void rejectsWhatIsNotANumber() {
        assertFalse(
                judge(0, score(0.5, -2), score(0.5, Double.NaN), SUITE, SUITE).passed());
        assertFalse(
                judge(0, score(0.5, -2), score(Double.NaN, -1), SUITE, SUITE).passed());
        assertFalse(judge(0, score(0.5, -2), score(0.5, -1), SUITE, new Score(Double.NaN, -1, 100, 100))
                .passed());
    }

    private static Score score(double accuracy, double logProbability) {
        return new Score(accuracy, logProbability, 10, 10);
    }

    private static DomainPolicy.Gate policy(double minimumImprovement) {
        return new DomainPolicy.Gate(0.1, minimumImprovement, 0.02, 0.02);
    }

    private static GateReport judge(
            double minimumImprovement, Score before, Score after, Score retainedBefore, Score retainedAfter) {
        return Gate.judge(
                policy(minimumImprovement), new Evaluation(before, after, retainedBefore, retainedAfter, SUITE, SUITE));
    }
}
