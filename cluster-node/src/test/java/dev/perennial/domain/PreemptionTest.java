package dev.perennial.domain;

import static dev.perennial.domain.QueueStory.ALARM;
import static dev.perennial.domain.QueueStory.BUDGETED;
import static dev.perennial.domain.QueueStory.LAW;
import static dev.perennial.domain.QueueStory.NEWS;
import static dev.perennial.domain.QueueStory.NOON;
import static dev.perennial.domain.QueueStory.SETTINGS;
import static dev.perennial.domain.QueueStory.having;
import static dev.perennial.domain.QueueStory.needing;
import static dev.perennial.domain.QueueStory.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.TrainerCapabilities;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreemptionTest {
    private final QueueStory queue = new QueueStory();

    @Test
    void asksTheLeastImportantUpdateToStopForAnUrgentFix() {
        queue.runningLawAndNews();
        queue.enqueue(request(ALARM, UpdateKind.FIX, 0.9, "default", List.of()));
        List<SchedulerEvent> asked = queue.preempt("a", "b");
        assertEquals(List.of(new SchedulerEvent.PreemptionAsked(NEWS, 2, ALARM, NOON)), asked);
        queue.state = queue.state.applyAll(asked);
        assertEquals(List.of(), queue.preempt("a", "b"), "one trainer for one fix");
        assertEquals(Optional.of("stops at its next checkpoint in favour of alarm-u1"), queue.waitsFor(NEWS, SETTINGS));
    }

    @Test
    void countsNoAttemptWhereAnUpdateStoppedBecauseItWasAskedTo() {
        queue.runningLawAndNews();
        queue.enqueue(request(ALARM, UpdateKind.FIX, 0.9, "default", List.of()));
        queue.state = queue.state.applyAll(queue.preempt("a", "b"));
        queue.giveBack("b", NOON.plusSeconds(60));
        assertEquals(List.of(), queue.state.find(NEWS).orElseThrow().ends());
        assertEquals(1, queue.state.find(NEWS).orElseThrow().yields());
        queue.grant(NOON.plusSeconds(60), "b");
        assertEquals(Optional.of(ALARM), queue.state.leaseOf("b").map(Lease::update));
        queue.finish("b", Optional.empty(), NOON.plusSeconds(90));
        queue.grant(NOON.plusSeconds(90), "b");
        assertEquals(Optional.of(new Lease(NEWS, 4)), queue.state.leaseOf("b"), "without a back-off");
    }

    @Test
    void countsAnAttemptThatFailsBeforeItHasStopped() {
        queue.runningLawAndNews();
        queue.enqueue(request(ALARM, UpdateKind.FIX, 0.9, "default", List.of()));
        queue.state = queue.state.applyAll(queue.preempt("a", "b"));
        queue.finish("b", Optional.of("out of memory"), NOON.plusSeconds(60));
        assertEquals(
                List.of("trainer b: out of memory"),
                queue.state.find(NEWS).orElseThrow().ends());
        assertEquals(Optional.empty(), queue.state.leaseOf("b"));
    }

    @Test
    void endsAsUsualWhereAnUpdateIsDoneBeforeItHearsThatItIsToStop() {
        queue.runningLawAndNews();
        queue.enqueue(request(ALARM, UpdateKind.FIX, 0.9, "default", List.of()));
        queue.state = queue.state.applyAll(queue.preempt("a", "b"));
        queue.finish("b", Optional.empty(), NOON.plusSeconds(60));
        assertEquals(Optional.empty(), queue.state.find(NEWS));
    }

    @Test
    void neverStopsAFixNorWhatHasGivenWayTwice() {
        queue.enqueue(request(LAW, UpdateKind.FIX, 0, "default", List.of()));
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0, "default", List.of()));
        queue.grant(NOON, "a", "b");
        for (int time = 1; time <= 3; time++) {
            UpdateId fix = new UpdateId(ALARM.domain(), time);
            queue.enqueue(request(fix, UpdateKind.FIX, 1, "default", List.of()));
            List<SchedulerEvent> asked = queue.preempt("a", "b");
            assertEquals(time < 3 ? 1 : 0, asked.size(), "time " + time);
            queue.state = queue.state.applyAll(asked);
            if (time < 3) {
                queue.giveBack("b", NOON);
                queue.grant(NOON, "b");
                queue.finish("b", Optional.empty(), NOON);
                queue.grant(NOON, "b");
            }
        }
    }

    @Test
    void stopsNothingForWhatIsNotUrgentOrCouldNotBegin() {
        queue.enqueue(request(NEWS, UpdateKind.KNOWLEDGE, 0, "default", List.of("europe")));
        queue.grant(NOON, "a");
        queue.enqueue(request(LAW, UpdateKind.TASK, 1, "default", List.of("europe")));
        queue.enqueue(request(new UpdateId(NEWS.domain(), 2), UpdateKind.FIX, 1, "default", List.of("europe")));
        assertEquals(List.of(), queue.preempt("a", "b"));
    }

    @Test
    void asksWhatHoldsTheConflictGroupOfAFixToStopThoughOtherTrainersAreIdle() {
        queue.enqueue(request(NEWS, UpdateKind.KNOWLEDGE, 0, "default", List.of("europe")));
        queue.grant(NOON, "a");
        queue.enqueue(request(LAW, UpdateKind.TASK, 1, "default", List.of("europe")));
        queue.enqueue(request(ALARM, UpdateKind.FIX, 1, "default", List.of("europe")));
        List<Placement.Trainer> trainers = Placement.unknown("a", "b");
        List<SchedulerEvent> asked = Preemption.preempt(queue.state, SETTINGS, trainers, NOON);
        assertEquals(List.of(new SchedulerEvent.PreemptionAsked(NEWS, 1, ALARM, NOON)), asked);
        queue.state = queue.state.applyAll(asked);
        assertEquals(List.of(), Preemption.preempt(queue.state, SETTINGS, trainers, NOON), "once");
        queue.giveBack("a", NOON.plusSeconds(60));
        queue.grant(NOON.plusSeconds(60), "a", "b");
        assertEquals(Optional.of(ALARM), queue.state.leaseOf("b").map(Lease::update), "the one idle longest");
        assertEquals(Optional.empty(), queue.state.leaseOf("a"), "the others of the group wait");
    }

    @Test
    void stopsNothingForAFixThatSeveralKeepWaitingOrThatHasNoTrainerToRunOn() {
        queue.enqueue(request(NEWS, UpdateKind.KNOWLEDGE, 0, "default", List.of("europe")));
        queue.enqueue(request(LAW, UpdateKind.TASK, 0, "default", List.of("asia")));
        queue.grant(NOON, "a", "b");
        queue.enqueue(needing("y", ALARM, 1, "asia", "europe"));
        assertEquals(List.of(), queue.preempt("a", "b"));
        queue.finish("a", Optional.empty(), NOON);
        assertEquals(List.of(), Preemption.preempt(queue.state, SETTINGS, List.of(having("b", "x")), NOON));
        assertEquals(1, queue.preempt("b").size());
    }

    @Test
    void asksAgainForAFixThatIsTriedAgain() {
        queue.enqueue(request(ALARM, UpdateKind.FIX, 0.9, "default", List.of()));
        queue.grant(NOON, "a");
        queue.finish("a", Optional.of("no"), NOON);
        queue.enqueue(request(LAW, UpdateKind.TASK, 0.9, "default", List.of()));
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0.5, "default", List.of()));
        queue.grant(NOON, "a", "b");
        assertEquals(List.of(), queue.preempt("a", "b"), "it waits for its next try");
        Instant later = NOON.plus(SETTINGS.backoff());
        List<SchedulerEvent> asked = Preemption.preempt(queue.state, SETTINGS, Placement.unknown("a", "b"), later);
        assertEquals(List.of(new SchedulerEvent.PreemptionAsked(NEWS, 3, ALARM, later)), asked);
        queue.enqueue(request(new UpdateId(ALARM.domain(), 2), UpdateKind.FIX, 1, "default", List.of()));
        assertEquals(
                1,
                Preemption.preempt(queue.state, SETTINGS, Placement.unknown("a", "b"), later)
                        .size(),
                "of a domain one at a time");
    }

    @Test
    void asksForOneTrainerForTwoFixesThatMayNotRunTogether() {
        queue.runningLawAndNews();
        queue.enqueue(request(ALARM, UpdateKind.FIX, 1, "default", List.of("europe")));
        queue.enqueue(request(new UpdateId(new DomainId("other"), 1), UpdateKind.FIX, 1, "default", List.of("europe")));
        assertEquals(1, queue.preempt("a", "b").size());
    }

    @Test
    void asksForTheNextFixWhereTheFirstFindsNoTrainerToTake() {
        queue.enqueue(request(LAW, UpdateKind.FIX, 1, "default", List.of()));
        queue.enqueue(request(NEWS, UpdateKind.KNOWLEDGE, 0, "default", List.of()));
        queue.grant(NOON, "a", "b");
        queue.enqueue(needing("x", new UpdateId(new DomainId("first"), 1), 1, "europe"));
        queue.enqueue(needing("y", ALARM, 0.9, "europe"));
        List<Placement.Trainer> trainers = List.of(having("a", "x"), having("b", "y"));
        assertEquals(
                List.of(new SchedulerEvent.PreemptionAsked(NEWS, 2, ALARM, NOON)),
                Preemption.preempt(queue.state, SETTINGS, trainers, NOON));
    }

    @Test
    void asksForATrainerThatWhatComesBeforeTheFixCouldNotUse() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0, "default", List.of()));
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0, "default", List.of()));
        queue.grant(NOON, "a", "b");
        Instant longAgo = NOON.minus(Duration.ofDays(5));
        queue.enqueue(needing("x", UpdateKind.TASK, longAgo, new UpdateId(new DomainId("first"), 1), 1));
        queue.enqueue(needing("y", ALARM, 0.2));
        List<Placement.Trainer> apart = List.of(having("a", "x"), having("b", "y"));
        assertEquals(
                List.of(new SchedulerEvent.PreemptionAsked(NEWS, 2, ALARM, NOON)),
                Preemption.preempt(queue.state, SETTINGS, apart, NOON));
        List<Placement.Trainer> shared = List.of(having("a", "x"), having("b", "x", "y"));
        assertEquals(List.of(), Preemption.preempt(queue.state, SETTINGS, shared, NOON), "the other would begin there");
    }

    @Test
    void stopsNothingWhereAnotherOfItsGroupWouldBegin() {
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0, "default", List.of("europe")));
        queue.grant(NOON, "a");
        queue.enqueue(needing("x", UpdateKind.TASK, NOON.minus(Duration.ofDays(5)), LAW, 1, "europe"));
        queue.enqueue(needing("x", ALARM, 0.2));
        List<Placement.Trainer> trainers = List.of(having("a", "x"));
        assertEquals(List.of(), Preemption.preempt(queue.state, SETTINGS, trainers, NOON));
    }

    @Test
    void stopsOneUpdateForTwoFixesOfATenantWhoseBudgetOnlyLetsOneBegin() {
        queue.runningLawAndNews();
        queue.enqueue(request(ALARM, UpdateKind.FIX, 1, "acme", List.of()));
        queue.enqueue(request(new UpdateId(new DomainId("other"), 1), UpdateKind.FIX, 1, "acme", List.of()));
        assertEquals(
                List.of(new SchedulerEvent.PreemptionAsked(NEWS, 2, ALARM, NOON)),
                Preemption.preempt(queue.state, BUDGETED, Placement.unknown("a", "b"), NOON));
    }

    @Test
    void leavesAloneWhatRunsOnATrainerThatTakesNoMoreAndAsksNobodyElseInItsPlace() {
        queue.runningLawAndNews();
        queue.enqueue(request(ALARM, UpdateKind.FIX, 1, "default", List.of()));
        List<SchedulerEvent> asked = queue.preempt("a");
        assertEquals(List.of(new SchedulerEvent.PreemptionAsked(LAW, 1, ALARM, NOON)), asked);
        queue.state = queue.state.applyAll(asked);
        assertEquals(List.of(), queue.preempt("b"));
    }

    @Test
    void comparesWithWhatTheQueueShowsAndNotWithTheTimeOfTheVictimCharged() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0.9, "default", List.of()));
        queue.grant(NOON, "a");
        queue.enqueue(request(ALARM, UpdateKind.FIX, 0.8, "default", List.of()));
        Instant later = NOON.plusSeconds(60);
        assertEquals(
                List.of(new SchedulerEvent.PreemptionAsked(LAW, 1, ALARM, later)),
                Preemption.preempt(queue.state, SETTINGS, Placement.unknown("a"), later));
    }

    @Test
    void asksAnotherWhereTheEndOfTheFirstMakesRoomInABudgetForSomethingElse() {
        queue.enqueue(request(LAW, UpdateKind.TASK, 0, "acme", List.of()));
        queue.enqueue(request(NEWS, UpdateKind.TASK, 0.3, "other", List.of()));
        queue.grant(NOON, BUDGETED, "a", "b");
        UpdateId first = new UpdateId(new DomainId("first"), 1);
        queue.enqueue(request(first, UpdateKind.TASK, 1, "acme", List.of(), NOON.minus(Duration.ofDays(5))));
        queue.enqueue(request(ALARM, UpdateKind.FIX, 0.5, "other", List.of()));
        assertEquals(
                List.of(new SchedulerEvent.PreemptionAsked(NEWS, 1, ALARM, NOON)),
                Preemption.preempt(queue.state, BUDGETED, Placement.unknown("a", "b"), NOON));
    }

    @Test
    void asksForNoSecondTrainerWhileTheFirstStopsThoughItHasLessMemoryFreeMeanwhile() {
        queue.runningLawAndNews();
        UpdateRequest fix = request(ALARM, UpdateKind.FIX, 1, "default", List.of());
        queue.enqueue(new UpdateRequest(
                fix.id(),
                fix.kind(),
                fix.importance(),
                fix.deadline(),
                fix.method(),
                fix.examples(),
                fix.requestedAt(),
                fix.tenant(),
                fix.conflictGroups(),
                Optional.of(10L),
                fix.signals()));
        List<SchedulerEvent> asked =
                Preemption.preempt(queue.state, SETTINGS, List.of(free("a", 11), free("b", 11)), NOON);
        assertEquals(List.of(new SchedulerEvent.PreemptionAsked(NEWS, 2, ALARM, NOON)), asked);
        queue.state = queue.state.applyAll(asked);
        assertEquals(List.of(), Preemption.preempt(queue.state, SETTINGS, List.of(free("a", 11), free("b", 9)), NOON));
    }

    private static Placement.Trainer free(String id, long bytes) {
        return new Placement.Trainer(
                id, Optional.of(new TrainerCapabilities("cpu", 20, Optional.of(bytes), List.of(), List.of())));
    }

    @Test
    void asksForTheNextFixWhileTheFirstIsAwaitedElsewhere() {
        queue.runningLawAndNews();
        queue.enqueue(request(ALARM, UpdateKind.FIX, 1, "default", List.of()));
        queue.state = queue.state.applyAll(queue.preempt("a"));
        UpdateId next = new UpdateId(new DomainId("next"), 1);
        queue.enqueue(request(next, UpdateKind.FIX, 0.9, "default", List.of()));
        assertEquals(List.of(new SchedulerEvent.PreemptionAsked(NEWS, 2, next, NOON)), queue.preempt("b"));
    }
}
