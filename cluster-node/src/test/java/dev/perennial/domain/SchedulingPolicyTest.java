package dev.perennial.domain;

import static dev.perennial.domain.QueueStory.ALARM;
import static dev.perennial.domain.QueueStory.BUDGETED;
import static dev.perennial.domain.QueueStory.LAW;
import static dev.perennial.domain.QueueStory.NEWS;
import static dev.perennial.domain.QueueStory.NOON;
import static dev.perennial.domain.QueueStory.SETTINGS;
import static dev.perennial.domain.QueueStory.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.Lease;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tenants and their budgets, conflict groups, and what is learned of costs. */
class SchedulingPolicyTest {
    private final QueueStory queue = new QueueStory();

    @Test
    void trainsNoTwoDomainsOfAConflictGroupAtTheSameTime() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0.9, "default", List.of("courts", "europe")));
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0.5, "default", List.of("europe")));
        queue.grant(NOON, "a", "b");
        assertEquals(Optional.of(new Lease(LAW, 1)), queue.state.leaseOf("a"));
        assertEquals(Optional.empty(), queue.state.leaseOf("b"));
        assertEquals(
                Optional.of("waits for law-u1, whose domain shares a conflict group with it"),
                queue.waitsFor(NEWS, SETTINGS));
        queue.finish("a", Optional.empty(), NOON);
        queue.grant(NOON, "b");
        assertEquals(Optional.of(new Lease(NEWS, 2)), queue.state.leaseOf("b"));
    }

    @Test
    void keepsATenantThatHasUsedUpItsBudgetWaitingUntilTheNextDay() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        queue.grant(NOON, BUDGETED, "a");
        queue.finish("a", Optional.empty(), NOON.plus(Duration.ofHours(1)));
        queue.enqueue(request(NEWS, UpdateKind.FIX, 1, "acme", List.of()));
        queue.enqueue(request(ALARM, UpdateKind.KNOWLEDGE, 0, "other", List.of()));
        queue.grant(NOON.plus(Duration.ofHours(1)), BUDGETED, "a", "b");
        assertEquals(Optional.of(ALARM), queue.state.leaseOf("b").map(Lease::update));
        assertEquals(Optional.empty(), queue.state.leaseOf("a"));
        assertEquals(
                Optional.of("waits for the next day (UTC): tenant acme has a budget of 3600 GPU seconds a day, of which"
                        + " 3600 are used or reserved"),
                queue.waitsFor(NEWS, BUDGETED));
        queue.grant(Instant.parse("2026-01-05T23:59:59Z"), BUDGETED, "a");
        assertEquals(Optional.empty(), queue.state.leaseOf("a"));
        queue.grant(Instant.parse("2026-01-06T00:00:00Z"), BUDGETED, "a");
        assertEquals(Optional.of(NEWS), queue.state.leaseOf("a").map(Lease::update));
    }

    @Test
    void countsWhatRunsAgainstTheBudgetAsItIsPredicted() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        queue.grant(NOON, "a");
        queue.finish("a", Optional.empty(), NOON.plusSeconds(100));
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0.9, "acme", List.of()));
        queue.grant(NOON.plusSeconds(100), "a");
        assertEquals(200, queue.state.usage().today("acme", NOON.plusSeconds(101)), 0.1);
        queue.finish("a", Optional.of("no"), NOON.plusSeconds(130));
        assertEquals(130, queue.state.usage().today("acme", NOON.plusSeconds(130)), 0.1);
    }

    @Test
    void countsToTheDayOnlyWhatWasUsedOnIt() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        Instant evening = Instant.parse("2026-01-05T23:00:00Z");
        queue.grant(evening, "a");
        queue.finish("a", Optional.empty(), evening.plus(Duration.ofHours(2)));
        assertEquals(3_600, queue.state.usage().today("acme", evening.plus(Duration.ofHours(2))), 1e-6);
    }

    @Test
    void prefersTheTenantThatHasUsedLess() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        queue.grant(NOON, "a");
        queue.finish("a", Optional.empty(), NOON.plusSeconds(600));
        queue.enqueue(request(new UpdateId(LAW.domain(), 2), UpdateKind.TASK, 0.6, "acme", List.of()));
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0.5, "small", List.of()));
        queue.grant(NOON.plusSeconds(600), "a");
        assertEquals(Optional.of(NEWS), queue.state.leaseOf("a").map(Lease::update));
    }

    /** Nobody can tell whether a second one would fit the budget too. */
    @Test
    void beginsOneUpdateOfABudgetAtATimeWhileNothingIsPredicted() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0.5, "acme", List.of()));
        queue.enqueue(request(ALARM, UpdateKind.TASK, 0.1, "other", List.of()));
        queue.grant(NOON, BUDGETED, "a", "b", "c");
        assertEquals(Optional.of(LAW), queue.state.leaseOf("a").map(Lease::update));
        assertEquals(Optional.of(ALARM), queue.state.leaseOf("b").map(Lease::update));
        assertEquals(Optional.empty(), queue.state.leaseOf("c"));
        assertEquals(
                Optional.of("waits for another update of tenant acme, as nothing is predicted of what that takes of the"
                        + " day's budget"),
                queue.waitsFor(NEWS, BUDGETED));
        queue.finish("a", Optional.empty(), NOON.plusSeconds(60));
        queue.grant(NOON.plusSeconds(60), BUDGETED, "c");
        assertEquals(Optional.of(NEWS), queue.state.leaseOf("c").map(Lease::update));
        assertEquals(60, queue.state.find(NEWS).orElseThrow().predicted(), 1, "as it is known by now");
    }

    @Test
    void countsWhatRunsLongerThanPredictedAsLongAsItRuns() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        queue.grant(NOON, "a");
        queue.finish("a", Optional.empty(), NOON.plusSeconds(100));
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0.9, "acme", List.of()));
        queue.grant(NOON.plusSeconds(100), "a");
        assertEquals(100 + 900, queue.state.usage().today("acme", NOON.plusSeconds(1_000)), 1e-6);
        Instant nextDay = Instant.parse("2026-01-06T00:10:00Z");
        assertEquals(600, queue.state.usage().today("acme", nextDay), 1e-6);
    }

    @Test
    void learnsACostFromWhatADomainSaysOfItsCandidateAndOfNothingElse() {
        int number = 1;
        for (boolean trained : List.of(false, true)) {
            UpdateId id = new UpdateId(LAW.domain(), number++);
            queue.enqueue(request(id, UpdateKind.TASK, 0.9, "default", List.of()));
            queue.grant(NOON, "a");
            queue.state = queue.state.applyAll(
                    SchedulerDecisions.close(queue.state, id, "over", trained, NOON.plusSeconds(50)));
            queue.enqueue(request(NEWS, UpdateKind.TASK, 0.9, "default", List.of()));
            assertEquals(trained ? 50 : 0, queue.state.find(NEWS).orElseThrow().predicted(), 1, "trained: " + trained);
            queue.state = queue.state.applyAll(
                    SchedulerDecisions.close(queue.state, NEWS, "over", true, NOON.plusSeconds(60)));
            assertEquals(Optional.empty(), queue.state.find(NEWS), "it had no lease to learn from");
        }
    }

    @Test
    void learnsNothingFromALeaseAfterOneThatWasHandedBack() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0.9, "default", List.of()));
        queue.grant(NOON, "a");
        Lease lease = queue.state.leaseOf("a").orElseThrow();
        queue.state = queue.state.applyAll(
                SchedulerDecisions.giveBack(queue.state, "a", lease, "paused at step 90", NOON.plusSeconds(90)));
        queue.grant(NOON.plusSeconds(90), "b");
        queue.finish("b", Optional.empty(), NOON.plusSeconds(100));
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0.9, "default", List.of()));
        assertEquals(0, queue.state.find(NEWS).orElseThrow().predicted());
    }

    /** Two groups that are free by turns: without a reservation the third domain never begins. */
    @Test
    void keepsGroupsFreeForARequestOfSeveralThatHasWaitedForTheBound() {
        UpdateId both = ALARM;
        queue.enqueue(request(both, UpdateKind.KNOWLEDGE, 0, "default", List.of("one", "two")));
        queue.enqueue(request(LAW, UpdateKind.FIX, 1, "default", List.of("one")));
        queue.enqueue(request(NEWS, UpdateKind.FIX, 1, "default", List.of("two")));
        queue.grant(NOON, "a", "b");
        Instant now = NOON;
        Instant bound = NOON.plus(PriorityWeights.DEFAULT.starvationBound());
        int begun = 0;
        boolean first = true;
        while (queue.state.find(both).orElseThrow().trainer().isEmpty() && begun < 500) {
            now = now.plus(Duration.ofHours(4));
            String trainer = first ? "a" : "b";
            Optional<Lease> ended = queue.state.leaseOf(trainer);
            if (ended.isPresent()) {
                queue.finish(trainer, Optional.empty(), now);
                UpdateId next = new UpdateId(
                        ended.get().update().domain(), ended.get().update().number() + 1);
                String group = next.domain().equals(LAW.domain()) ? "one" : "two";
                queue.enqueue(request(next, UpdateKind.FIX, 1, "default", List.of(group), now));
            }
            queue.grant(now, trainer);
            first = !first;
            begun++;
        }
        assertTrue(now.isAfter(bound), "it is passed over until then: " + now);
        assertTrue(now.isBefore(bound.plus(Duration.ofHours(24))), "it began at " + now);
    }
}
