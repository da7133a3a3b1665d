package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PriorityTest {
    private static final Instant NOW = Story.START;
    private static final PriorityWeights WEIGHTS =
            new PriorityWeights(4, 6, 1, 0.5, 0.25, 0.5, 1.5, 2, 1, 4, 4, 0.1, 72);

    @Test
    void addsUpItsTerms() {
        UpdateSignals signals = new UpdateSignals(
                30,
                20,
                1998,
                Optional.of(0.5),
                Optional.of(NOW.minus(Duration.ofHours(5))),
                0.3,
                1,
                1,
                Optional.empty());
        UpdateRequest request = request(UpdateKind.FIX, 0.5, Optional.of(NOW.plus(Duration.ofHours(5))), 99, signals);
        Priority priority = Priority.of(WEIGHTS, request, 540, 0.25, NOW.plus(Duration.ofHours(2)));
        // trend log2(30/20) = 0.585; impact log10(1 + 999) = 3; cost log10(1 + 9) = 1; 2.85 hours left count as 4.
        assertEquals(
                "priority importance 2.00 + kind 6.00 + volume 0.50 + trend 0.29 + impact 4.50 + cost -2.00 + risk -0.30"
                        + " + staleness 0.50 + deadline 0.80 + tenant -1.00 + waiting 0.20 = 11.49",
                priority.explanation());
        assertEquals(
                priority.sum(),
                priority.terms().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum());
        assertEquals(
                List.of(
                        "importance",
                        "kind",
                        "volume",
                        "trend",
                        "impact",
                        "cost",
                        "risk",
                        "staleness",
                        "deadline",
                        "tenant",
                        "waiting"),
                List.copyOf(priority.terms().keySet()));
    }

    @Test
    void ranksAFixAboveAnAbilityAboveKnowledge() {
        double fix = sum(UpdateKind.FIX);
        double behaviour = sum(UpdateKind.BEHAVIOUR);
        assertTrue(fix > behaviour);
        assertEquals(behaviour, sum(UpdateKind.TASK));
        assertTrue(behaviour > sum(UpdateKind.KNOWLEDGE));
    }

    @Test
    void risesInStepsAsTheDeadlineComesNearAndStaysThereAfterIt() {
        UpdateRequest request =
                request(UpdateKind.FIX, 0, Optional.of(NOW.plus(Duration.ofHours(100))), 0, UpdateSignals.NONE);
        double previous = 0;
        for (int left : List.of(64, 32, 16, 8, 4, 2, 1, 0)) {
            Instant at = NOW.plus(Duration.ofHours(100 - left));
            assertEquals(previous, deadline(request, at.minusMillis(1)));
            previous = deadline(request, at);
            assertEquals(WEIGHTS.deadline() / (1 + left), previous);
        }
        assertEquals(WEIGHTS.deadline(), deadline(request, NOW.plus(Duration.ofHours(300))));
    }

    @Test
    void countsTheTimeToADeadlineWithoutWhatTheUpdateTakes() {
        UpdateRequest request =
                request(UpdateKind.FIX, 0, Optional.of(NOW.plus(Duration.ofHours(9))), 0, UpdateSignals.NONE);
        assertEquals(0.8, terms(request, 5 * 3600, "deadline"));
    }

    @Test
    void knowsNoTrendOfADomainWhoseFeedbackHasJustBegun() {
        assertEquals(0, terms(request(signals(5, 0)), 0, "trend"));
        assertEquals(0.5, terms(request(signals(50, 5)), 0, "trend"), "twice as much is the most that counts");
        assertEquals(-0.5, terms(request(signals(5, 50)), 0, "trend"));
    }

    @Test
    void ranksTheLeastRequestFirstOnceItHasWaitedForTheBound() {
        for (PriorityWeights weights : List.of(WEIGHTS, PriorityWeights.DEFAULT)) {
            UpdateSignals poor =
                    new UpdateSignals(1, 9, 0, Optional.of(0.0), Optional.of(NOW), 1, 1, 1, Optional.empty());
            UpdateRequest least = request(UpdateKind.KNOWLEDGE, 0, Optional.empty(), 0, poor);
            Duration bound = weights.starvationBound();
            assertTrue(lead(weights, least, NOW.plus(bound)) <= 0);
            assertTrue(lead(weights, least, NOW.plus(bound).minusSeconds(60)) > 0);
        }
    }

    /** By how much the best that a request can be, when it has just come, is before another. */
    private static double lead(PriorityWeights weights, UpdateRequest other, Instant now) {
        UpdateSignals rich = new UpdateSignals(
                9, 1, 1e9, Optional.of(1.0), Optional.of(now.minus(Duration.ofDays(99))), 0, 1, 1, Optional.empty());
        UpdateRequest greatest = new UpdateRequest(
                Story.id(2),
                UpdateKind.FIX,
                1,
                Optional.of(now),
                Optional.empty(),
                1_000_000,
                now,
                "acme",
                List.of(),
                rich);
        return Priority.of(weights, greatest, 0, 0, now).sum()
                - Priority.of(weights, other, 1e9, 1, now).sum();
    }

    private static double sum(UpdateKind kind) {
        return Priority.of(WEIGHTS, request(kind, 0.5, Optional.empty(), 10, UpdateSignals.NONE), 0, 0, NOW)
                .sum();
    }

    private static double deadline(UpdateRequest request, Instant now) {
        Double term = Priority.of(WEIGHTS, request, 0, 0, now).terms().get("deadline");
        return term == null ? Double.NaN : term;
    }

    private static double terms(UpdateRequest request, double predicted, String name) {
        Double term = Priority.of(WEIGHTS, request, predicted, 0, NOW).terms().get(name);
        return term == null ? Double.NaN : term;
    }

    private static UpdateSignals signals(double feedback, double usual) {
        return new UpdateSignals(feedback, usual, 0, Optional.empty(), Optional.empty(), 0, 0, 0, Optional.empty());
    }

    private static UpdateRequest request(UpdateSignals signals) {
        return request(UpdateKind.TASK, 0, Optional.empty(), 1, signals);
    }

    private static UpdateRequest request(
            UpdateKind kind, double importance, Optional<Instant> deadline, int examples, UpdateSignals signals) {
        return new UpdateRequest(
                Story.id(1),
                kind,
                importance,
                deadline,
                Optional.empty(),
                examples,
                NOW,
                "default",
                List.of(),
                signals);
    }
}
