package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PriorityTest {
    private static final Instant NOW = Story.START;

    @Test
    void addsUpItsTerms() {
        UpdateRequest request = request(UpdateKind.FIX, 0.5, Optional.of(NOW.plus(Duration.ofHours(3))), 99, 1);
        Priority priority = Priority.of(request, NOW.plus(Duration.ofHours(2)));
        assertEquals(
                "priority importance 2.00 + kind 2.00 + volume 1.00 + deadline 2.00 + waiting 2.00 = 9.00",
                priority.explanation());
        assertEquals(
                priority.sum(),
                priority.terms().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum());
        assertEquals(
                List.of("importance", "kind", "volume", "deadline", "waiting"),
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
    void risesAsTheDeadlineComesNearAndStaysThereAfterIt() {
        UpdateRequest request = request(UpdateKind.FIX, 0, Optional.of(NOW.plus(Duration.ofHours(8))), 0, 0);
        double previous = 0;
        for (int hour = 0; hour <= 8; hour++) {
            double term = deadline(request, NOW.plus(Duration.ofHours(hour)));
            assertTrue(term > previous);
            previous = term;
        }
        assertEquals(previous, deadline(request, NOW.plus(Duration.ofHours(20))));
    }

    @Test
    void ranksTheLeastRequestFirstOnceItHasWaitedForTheBound() {
        UpdateRequest least = request(UpdateKind.KNOWLEDGE, 0, Optional.empty(), 0, 0);
        Instant later = NOW.plus(Priority.STARVATION_BOUND);
        assertTrue(Priority.of(least, later).sum()
                >= Priority.of(greatest(later), later).sum());
        Instant earlier = later.minusSeconds(60);
        assertTrue(Priority.of(least, earlier).sum()
                < Priority.of(greatest(earlier), earlier).sum());
        assertEquals(Duration.ofMinutes(375), Priority.STARVATION_BOUND);
    }

    @Test
    void countsNoWaitingForAClockThatIsBehind() {
        UpdateRequest request = request(UpdateKind.FIX, 0, Optional.empty(), 0, 0);
        assertEquals(0, Priority.of(request, NOW.minusSeconds(5)).terms().get("waiting"));
    }

    /** The best that a request can be when it has just come. */
    private static UpdateRequest greatest(Instant now) {
        return new UpdateRequest(Story.id(2), UpdateKind.FIX, 1, Optional.of(now), Optional.empty(), 1_000_000, now);
    }

    private static double sum(UpdateKind kind) {
        return Priority.of(request(kind, 0.5, Optional.empty(), 10, 0), NOW).sum();
    }

    private static double deadline(UpdateRequest request, Instant now) {
        Double term = Priority.of(request, now).terms().get("deadline");
        return term == null ? Double.NaN : term;
    }

    private static UpdateRequest request(
            UpdateKind kind, double importance, Optional<Instant> deadline, int examples, int hoursLater) {
        return new UpdateRequest(
                Story.id(1),
                kind,
                importance,
                deadline,
                Optional.empty(),
                examples,
                NOW.plus(Duration.ofHours(hoursLater)));
    }
}
