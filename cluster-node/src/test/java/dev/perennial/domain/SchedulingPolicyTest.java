package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.TrainerCapabilities;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tenants, conflict groups and preemption. */
class SchedulingPolicyTest {
    private static final Instant NOON = Instant.parse("2026-01-05T12:00:00Z");
    private static final SchedulerSettings SETTINGS = SchedulerSettings.DEFAULT;
    /** Tenant acme has a budget. */
    private static final SchedulerSettings BUDGETED = new SchedulerSettings(
            3,
            Duration.ofDays(2),
            Duration.ZERO,
            new SchedulerSettings.Budgets(Optional.empty(), Map.of("acme", 3_600.0)));

    private static final UpdateId LAW = new UpdateId(new DomainId("law"), 1);
    private static final UpdateId NEWS = new UpdateId(new DomainId("news"), 1);
    private static final UpdateId ALARM = new UpdateId(new DomainId("alarm"), 1);

    private SchedulerState state = SchedulerState.EMPTY;

    @Test
    void trainsNoTwoDomainsOfAConflictGroupAtTheSameTime() {
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "default", List.of("courts", "europe")));
        enqueue(request(NEWS, UpdateKind.TASK, 0.5, "default", List.of("europe")));
        grant(NOON, "a", "b");
        assertEquals(Optional.of(new Lease(LAW, 1)), state.leaseOf("a"));
        assertEquals(Optional.empty(), state.leaseOf("b"));
        assertEquals(
                Optional.of("waits for law-u1, whose domain shares a conflict group with it"),
                waitsFor(NEWS, SETTINGS));
        finish("a", Optional.empty(), NOON);
        grant(NOON, "b");
        assertEquals(Optional.of(new Lease(NEWS, 2)), state.leaseOf("b"));
    }

    @Test
    void keepsATenantThatHasUsedUpItsBudgetWaitingUntilTheNextDay() {
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        grant(NOON, BUDGETED, "a");
        finish("a", Optional.empty(), NOON.plus(Duration.ofHours(1)));
        enqueue(request(NEWS, UpdateKind.FIX, 1, "acme", List.of()));
        enqueue(request(ALARM, UpdateKind.KNOWLEDGE, 0, "other", List.of()));
        grant(NOON.plus(Duration.ofHours(1)), BUDGETED, "a", "b");
        assertEquals(Optional.of(ALARM), state.leaseOf("b").map(Lease::update));
        assertEquals(Optional.empty(), state.leaseOf("a"));
        assertEquals(
                Optional.of("waits for the next day (UTC): tenant acme has a budget of 3600 GPU seconds a day, of which"
                        + " 3600 are used or reserved"),
                waitsFor(NEWS, BUDGETED));
        grant(Instant.parse("2026-01-05T23:59:59Z"), BUDGETED, "a");
        assertEquals(Optional.empty(), state.leaseOf("a"));
        grant(Instant.parse("2026-01-06T00:00:00Z"), BUDGETED, "a");
        assertEquals(Optional.of(NEWS), state.leaseOf("a").map(Lease::update));
    }

    @Test
    void countsWhatRunsAgainstTheBudgetAsItIsPredicted() {
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        grant(NOON, "a");
        finish("a", Optional.empty(), NOON.plusSeconds(100));
        enqueue(request(NEWS, UpdateKind.TASK, 0.9, "acme", List.of()));
        grant(NOON.plusSeconds(100), "a");
        assertEquals(200, state.usage().today("acme", NOON.plusSeconds(101)), 0.1);
        finish("a", Optional.of("no"), NOON.plusSeconds(130));
        assertEquals(130, state.usage().today("acme", NOON.plusSeconds(130)), 0.1);
    }

    @Test
    void countsToTheDayOnlyWhatWasUsedOnIt() {
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        Instant evening = Instant.parse("2026-01-05T23:00:00Z");
        grant(evening, "a");
        finish("a", Optional.empty(), evening.plus(Duration.ofHours(2)));
        assertEquals(3_600, state.usage().today("acme", evening.plus(Duration.ofHours(2))), 1e-6);
    }

    @Test
    void prefersTheTenantThatHasUsedLess() {
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        grant(NOON, "a");
        finish("a", Optional.empty(), NOON.plusSeconds(600));
        enqueue(request(new UpdateId(LAW.domain(), 2), UpdateKind.TASK, 0.6, "acme", List.of()));
        enqueue(request(NEWS, UpdateKind.TASK, 0.5, "small", List.of()));
        grant(NOON.plusSeconds(600), "a");
        assertEquals(Optional.of(NEWS), state.leaseOf("a").map(Lease::update));
    }

    @Test
    void asksTheLeastImportantUpdateToStopForAnUrgentFix() {
        runningLawAndNews();
        enqueue(request(ALARM, UpdateKind.FIX, 0.9, "default", List.of()));
        List<SchedulerEvent> asked = Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), NOON);
        assertEquals(List.of(new SchedulerEvent.PreemptionAsked(NEWS, 2, ALARM, NOON)), asked);
        state = state.applyAll(asked);
        assertEquals(
                List.of(),
                Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), NOON),
                "one trainer for one fix");
        assertEquals(Optional.of("stops at its next checkpoint in favour of alarm-u1"), waitsFor(NEWS, SETTINGS));
    }

    @Test
    void countsNoAttemptWhereAnUpdateStoppedBecauseItWasAskedTo() {
        runningLawAndNews();
        enqueue(request(ALARM, UpdateKind.FIX, 0.9, "default", List.of()));
        state = state.applyAll(Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), NOON));
        finish("b", Optional.of("stopped"), NOON.plusSeconds(60));
        assertEquals(List.of(), state.find(NEWS).orElseThrow().ends());
        assertEquals(1, state.find(NEWS).orElseThrow().yields());
        grant(NOON.plusSeconds(60), "b");
        assertEquals(Optional.of(ALARM), state.leaseOf("b").map(Lease::update));
        finish("b", Optional.empty(), NOON.plusSeconds(90));
        grant(NOON.plusSeconds(90), "b");
        assertEquals(Optional.of(new Lease(NEWS, 4)), state.leaseOf("b"), "without a back-off");
    }

    @Test
    void endsAsUsualWhereAnUpdateIsDoneBeforeItHearsThatItIsToStop() {
        runningLawAndNews();
        enqueue(request(ALARM, UpdateKind.FIX, 0.9, "default", List.of()));
        state = state.applyAll(Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), NOON));
        finish("b", Optional.empty(), NOON.plusSeconds(60));
        assertEquals(Optional.empty(), state.find(NEWS));
    }

    @Test
    void neverStopsAFixNorWhatHasGivenWayTwice() {
        enqueue(request(LAW, UpdateKind.FIX, 0, "default", List.of()));
        enqueue(request(NEWS, UpdateKind.TASK, 0, "default", List.of()));
        grant(NOON, "a", "b");
        for (int time = 1; time <= 3; time++) {
            UpdateId fix = new UpdateId(ALARM.domain(), time);
            enqueue(request(fix, UpdateKind.FIX, 1, "default", List.of()));
            List<SchedulerEvent> asked = Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), NOON);
            assertEquals(time < 3 ? 1 : 0, asked.size(), "time " + time);
            state = state.applyAll(asked);
            if (time < 3) {
                finish("b", Optional.of("stopped"), NOON);
                grant(NOON, "b");
                finish("b", Optional.empty(), NOON);
                grant(NOON, "b");
            }
        }
    }

    @Test
    void stopsNothingForWhatIsNotUrgentOrCouldNotBegin() {
        enqueue(request(NEWS, UpdateKind.KNOWLEDGE, 0, "default", List.of("europe")));
        grant(NOON, "a");
        enqueue(request(LAW, UpdateKind.TASK, 1, "default", List.of("europe")));
        enqueue(request(new UpdateId(NEWS.domain(), 2), UpdateKind.FIX, 1, "default", List.of("europe")));
        assertEquals(List.of(), Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), NOON));
    }

    @Test
    void asksWhatHoldsTheConflictGroupOfAFixToStopThoughOtherTrainersAreIdle() {
        enqueue(request(NEWS, UpdateKind.KNOWLEDGE, 0, "default", List.of("europe")));
        grant(NOON, "a");
        enqueue(request(LAW, UpdateKind.TASK, 1, "default", List.of("europe")));
        enqueue(request(ALARM, UpdateKind.FIX, 1, "default", List.of("europe")));
        List<Placement.Trainer> trainers = Placement.unknown("a", "b");
        List<SchedulerEvent> asked = Preemption.preempt(state, SETTINGS, trainers, NOON);
        assertEquals(List.of(new SchedulerEvent.PreemptionAsked(NEWS, 1, ALARM, NOON)), asked);
        state = state.applyAll(asked);
        assertEquals(List.of(), Preemption.preempt(state, SETTINGS, trainers, NOON), "once");
        finish("a", Optional.of("stopped"), NOON.plusSeconds(60));
        grant(NOON.plusSeconds(60), "a", "b");
        assertEquals(Optional.of(ALARM), state.leaseOf("b").map(Lease::update), "the one idle longest");
        assertEquals(Optional.empty(), state.leaseOf("a"), "the others of the group wait");
    }

    @Test
    void stopsNothingForAFixThatSeveralKeepWaitingOrThatHasNoTrainerToRunOn() {
        enqueue(request(NEWS, UpdateKind.KNOWLEDGE, 0, "default", List.of("europe")));
        enqueue(request(LAW, UpdateKind.TASK, 0, "default", List.of("asia")));
        grant(NOON, "a", "b");
        enqueue(needing("y", ALARM, 1, "asia", "europe"));
        assertEquals(List.of(), Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), NOON));
        finish("a", Optional.empty(), NOON);
        assertEquals(List.of(), Preemption.preempt(state, SETTINGS, List.of(having("b", "x")), NOON));
        assertEquals(
                1,
                Preemption.preempt(state, SETTINGS, Placement.unknown("b"), NOON)
                        .size());
    }

    @Test
    void asksAgainForAFixThatIsTriedAgain() {
        enqueue(request(ALARM, UpdateKind.FIX, 0.9, "default", List.of()));
        grant(NOON, "a");
        finish("a", Optional.of("no"), NOON);
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "default", List.of()));
        enqueue(request(NEWS, UpdateKind.TASK, 0.5, "default", List.of()));
        grant(NOON, "a", "b");
        assertEquals(
                List.of(),
                Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), NOON),
                "it waits for its next try");
        Instant later = NOON.plus(SETTINGS.backoff());
        List<SchedulerEvent> asked = Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), later);
        assertEquals(List.of(new SchedulerEvent.PreemptionAsked(NEWS, 3, ALARM, later)), asked);
        enqueue(request(new UpdateId(ALARM.domain(), 2), UpdateKind.FIX, 1, "default", List.of()));
        assertEquals(
                1,
                Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), later)
                        .size(),
                "of a domain one at a time");
    }

    @Test
    void asksForOneTrainerForTwoFixesThatMayNotRunTogether() {
        runningLawAndNews();
        enqueue(request(ALARM, UpdateKind.FIX, 1, "default", List.of("europe")));
        enqueue(request(new UpdateId(new DomainId("other"), 1), UpdateKind.FIX, 1, "default", List.of("europe")));
        assertEquals(
                1,
                Preemption.preempt(state, SETTINGS, Placement.unknown("a", "b"), NOON)
                        .size());
    }

    @Test
    void asksForTheNextFixWhereTheFirstFindsNoTrainerToTake() {
        enqueue(request(LAW, UpdateKind.FIX, 1, "default", List.of()));
        enqueue(request(NEWS, UpdateKind.KNOWLEDGE, 0, "default", List.of()));
        grant(NOON, "a", "b");
        enqueue(needing("x", new UpdateId(new DomainId("first"), 1), 1, "europe"));
        enqueue(needing("y", ALARM, 0.9, "europe"));
        List<Placement.Trainer> trainers = List.of(having("a", "x"), having("b", "y"));
        assertEquals(
                List.of(new SchedulerEvent.PreemptionAsked(NEWS, 2, ALARM, NOON)),
                Preemption.preempt(state, SETTINGS, trainers, NOON));
    }

    @Test
    void asksForATrainerThatWhatComesBeforeTheFixCouldNotUse() {
        enqueue(request(LAW, UpdateKind.TASK, 0, "default", List.of()));
        enqueue(request(NEWS, UpdateKind.TASK, 0, "default", List.of()));
        grant(NOON, "a", "b");
        Instant longAgo = NOON.minus(Duration.ofDays(5));
        enqueue(needing("x", UpdateKind.TASK, longAgo, new UpdateId(new DomainId("first"), 1), 1));
        enqueue(needing("y", ALARM, 0.2));
        List<Placement.Trainer> apart = List.of(having("a", "x"), having("b", "y"));
        assertEquals(
                List.of(new SchedulerEvent.PreemptionAsked(NEWS, 2, ALARM, NOON)),
                Preemption.preempt(state, SETTINGS, apart, NOON));
        List<Placement.Trainer> shared = List.of(having("a", "x"), having("b", "x", "y"));
        assertEquals(List.of(), Preemption.preempt(state, SETTINGS, shared, NOON), "the other would begin there");
    }

    @Test
    void stopsNothingWhereAnotherOfItsGroupWouldBegin() {
        enqueue(request(NEWS, UpdateKind.TASK, 0, "default", List.of("europe")));
        grant(NOON, "a");
        enqueue(needing("x", UpdateKind.TASK, NOON.minus(Duration.ofDays(5)), LAW, 1, "europe"));
        enqueue(needing("x", ALARM, 0.2));
        List<Placement.Trainer> trainers = List.of(having("a", "x"));
        assertEquals(List.of(), Preemption.preempt(state, SETTINGS, trainers, NOON));
    }

    @Test
    void stopsOneUpdateForTwoFixesOfATenantWhoseBudgetOnlyLetsOneBegin() {
        runningLawAndNews();
        enqueue(request(ALARM, UpdateKind.FIX, 1, "acme", List.of()));
        enqueue(request(new UpdateId(new DomainId("other"), 1), UpdateKind.FIX, 1, "acme", List.of()));
        assertEquals(
                List.of(new SchedulerEvent.PreemptionAsked(NEWS, 2, ALARM, NOON)),
                Preemption.preempt(state, BUDGETED, Placement.unknown("a", "b"), NOON));
    }

    @Test
    void leavesAloneWhatRunsOnATrainerThatTakesNoMoreAndAsksNobodyElseInItsPlace() {
        runningLawAndNews();
        enqueue(request(ALARM, UpdateKind.FIX, 1, "default", List.of()));
        List<SchedulerEvent> asked = Preemption.preempt(state, SETTINGS, Placement.unknown("a"), NOON);
        assertEquals(List.of(new SchedulerEvent.PreemptionAsked(LAW, 1, ALARM, NOON)), asked);
        state = state.applyAll(asked);
        assertEquals(List.of(), Preemption.preempt(state, SETTINGS, Placement.unknown("b"), NOON));
    }

    private static UpdateRequest needing(String base, UpdateId id, double importance, String... groups) {
        return needing(base, UpdateKind.FIX, NOON, id, importance, groups);
    }

    private static UpdateRequest needing(
            String base, UpdateKind kind, Instant requestedAt, UpdateId id, double importance, String... groups) {
        return new UpdateRequest(
                id,
                kind,
                importance,
                Optional.empty(),
                Optional.empty(),
                9,
                requestedAt,
                "default",
                List.of(groups),
                new UpdateSignals(0, 0, 0, Optional.empty(), Optional.empty(), 0, 0, 0, Optional.of(base)));
    }

    private static Placement.Trainer having(String id, String... bases) {
        return new Placement.Trainer(
                id, Optional.of(new TrainerCapabilities("cpu", 1L << 40, List.of(bases), List.of())));
    }

    /** Nobody can tell whether a second one would fit the budget too. */
    @Test
    void beginsOneUpdateOfABudgetAtATimeWhileNothingIsPredicted() {
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        enqueue(request(NEWS, UpdateKind.TASK, 0.5, "acme", List.of()));
        enqueue(request(ALARM, UpdateKind.TASK, 0.1, "other", List.of()));
        grant(NOON, BUDGETED, "a", "b", "c");
        assertEquals(Optional.of(LAW), state.leaseOf("a").map(Lease::update));
        assertEquals(Optional.of(ALARM), state.leaseOf("b").map(Lease::update));
        assertEquals(Optional.empty(), state.leaseOf("c"));
        assertEquals(
                Optional.of("waits for another update of tenant acme, as nothing is predicted of what that takes of the"
                        + " day's budget"),
                waitsFor(NEWS, BUDGETED));
        finish("a", Optional.empty(), NOON.plusSeconds(60));
        grant(NOON.plusSeconds(60), BUDGETED, "c");
        assertEquals(Optional.of(NEWS), state.leaseOf("c").map(Lease::update));
        assertEquals(60, state.find(NEWS).orElseThrow().predicted(), 1, "as it is known by now");
    }

    @Test
    void countsWhatRunsLongerThanPredictedAsLongAsItRuns() {
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "acme", List.of()));
        grant(NOON, "a");
        finish("a", Optional.empty(), NOON.plusSeconds(100));
        enqueue(request(NEWS, UpdateKind.TASK, 0.9, "acme", List.of()));
        grant(NOON.plusSeconds(100), "a");
        assertEquals(100 + 900, state.usage().today("acme", NOON.plusSeconds(1_000)), 1e-6);
        Instant nextDay = Instant.parse("2026-01-06T00:10:00Z");
        assertEquals(600, state.usage().today("acme", nextDay), 1e-6);
    }

    @Test
    void learnsACostFromWhatADomainSaysOfItsCandidateAndOfNothingElse() {
        int number = 1;
        for (boolean trained : List.of(false, true)) {
            UpdateId id = new UpdateId(LAW.domain(), number++);
            enqueue(request(id, UpdateKind.TASK, 0.9, "default", List.of()));
            grant(NOON, "a");
            state = state.applyAll(SchedulerDecisions.close(state, id, "over", trained, NOON.plusSeconds(50)));
            enqueue(request(NEWS, UpdateKind.TASK, 0.9, "default", List.of()));
            assertEquals(trained ? 50 : 0, state.find(NEWS).orElseThrow().predicted(), 1, "trained: " + trained);
            state = state.applyAll(SchedulerDecisions.close(state, NEWS, "over", true, NOON.plusSeconds(60)));
            assertEquals(Optional.empty(), state.find(NEWS), "it had no lease to learn from");
        }
    }

    @Test
    void learnsNothingFromALeaseAfterOneThatWasHandedBack() {
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "default", List.of()));
        grant(NOON, "a");
        Lease lease = state.leaseOf("a").orElseThrow();
        state = state.applyAll(
                SchedulerDecisions.giveBack(state, "a", lease, "paused at step 90", NOON.plusSeconds(90)));
        grant(NOON.plusSeconds(90), "b");
        finish("b", Optional.empty(), NOON.plusSeconds(100));
        enqueue(request(NEWS, UpdateKind.TASK, 0.9, "default", List.of()));
        assertEquals(0, state.find(NEWS).orElseThrow().predicted());
    }

    /** Two groups that are free by turns: without a reservation the third domain never begins. */
    @Test
    void keepsGroupsFreeForARequestOfSeveralThatHasWaitedForTheBound() {
        UpdateId both = ALARM;
        enqueue(request(both, UpdateKind.KNOWLEDGE, 0, "default", List.of("one", "two")));
        enqueue(request(LAW, UpdateKind.FIX, 1, "default", List.of("one")));
        enqueue(request(NEWS, UpdateKind.FIX, 1, "default", List.of("two")));
        grant(NOON, "a", "b");
        Instant now = NOON;
        Instant bound = NOON.plus(PriorityWeights.DEFAULT.starvationBound());
        int begun = 0;
        boolean first = true;
        while (state.find(both).orElseThrow().trainer().isEmpty() && begun < 500) {
            now = now.plus(Duration.ofHours(4));
            String trainer = first ? "a" : "b";
            Optional<Lease> ended = state.leaseOf(trainer);
            if (ended.isPresent()) {
                finish(trainer, Optional.empty(), now);
                UpdateId next = new UpdateId(
                        ended.get().update().domain(), ended.get().update().number() + 1);
                String group = next.domain().equals(LAW.domain()) ? "one" : "two";
                enqueue(new UpdateRequest(
                        next,
                        UpdateKind.FIX,
                        1,
                        Optional.empty(),
                        Optional.empty(),
                        9,
                        now,
                        "default",
                        List.of(group),
                        UpdateSignals.NONE));
            }
            grant(now, trainer);
            first = !first;
            begun++;
        }
        assertTrue(now.isAfter(bound), "it is passed over until then: " + now);
        assertTrue(now.isBefore(bound.plus(Duration.ofHours(24))), "it began at " + now);
    }

    private void runningLawAndNews() {
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "default", List.of()));
        enqueue(request(NEWS, UpdateKind.TASK, 0.5, "default", List.of()));
        grant(NOON, "a", "b");
    }

    private Optional<String> waitsFor(UpdateId id, SchedulerSettings settings) {
        return QueueViews.view(state, settings, List.of(), 100, state.clock()).requests().stream()
                .filter(request -> request.id().equals(id))
                .findFirst()
                .flatMap(QueueView.Request::waitsFor);
    }

    private void enqueue(UpdateRequest request) {
        state = state.applyAll(
                SchedulerDecisions.enqueue(state, request, state.at(NOON).clock()));
    }

    private void grant(Instant now, String... idle) {
        grant(now, SETTINGS, idle);
    }

    private void grant(Instant now, SchedulerSettings settings, String... idle) {
        state = state.applyAll(SchedulerDecisions.grant(state, settings, Placement.unknown(idle), now));
    }

    private void finish(String trainer, Optional<String> failure, Instant now) {
        state = state.applyAll(
                SchedulerDecisions.finish(state, trainer, state.leaseOf(trainer).orElseThrow(), failure, now));
    }

    private static UpdateRequest request(
            UpdateId id, UpdateKind kind, double importance, String tenant, List<String> groups) {
        return new UpdateRequest(
                id, kind, importance, Optional.empty(), Optional.empty(), 9, NOON, tenant, groups, UpdateSignals.NONE);
    }
}
