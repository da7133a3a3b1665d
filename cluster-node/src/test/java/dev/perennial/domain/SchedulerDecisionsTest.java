package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SchedulerDecisionsTest {
    private static final Instant NOW = Story.START;
    private static final SchedulerSettings SETTINGS = SchedulerSettings.DEFAULT;
    private static final UpdateId LAW = new UpdateId(new DomainId("law"), 1);
    private static final UpdateId NEWS = Story.id(1);

    @Test
    void queuesARequestOnce() {
        SchedulerState state = queued(request(NEWS, 0.5));
        assertEquals(List.of(), SchedulerDecisions.enqueue(state, request(NEWS, 0.5), NOW));
    }

    @Test
    void grantsTheBestRequestFirst() {
        SchedulerState state = queued(request(NEWS, 0.1), request(LAW, 0.9));
        assertEquals(List.of(new SchedulerEvent.LeaseGranted(LAW, 1, "a", NOW)), grant(state, NOW));
    }

    @Test
    void grantsOneLeaseATrainerUnderGrowingTokens() {
        SchedulerState state = queued(request(NEWS, 0.1), request(LAW, 0.9));
        List<SchedulerEvent> grants = grant(state, NOW, "b", "a", "c");
        assertEquals(
                List.of(
                        new SchedulerEvent.LeaseGranted(LAW, 1, "a", NOW),
                        new SchedulerEvent.LeaseGranted(NEWS, 2, "b", NOW)),
                grants);
        assertEquals(List.of(), grant(state.applyAll(grants), NOW, "c"));
    }

    @Test
    void runsTheUpdatesOfADomainInOrderAndOneAtATime() {
        SchedulerState state = queued(request(Story.id(2), 1.0), request(Story.id(1), 0.0));
        List<SchedulerEvent> grants = grant(state, NOW, "a", "b");
        assertEquals(List.of(new SchedulerEvent.LeaseGranted(Story.id(1), 1, "a", NOW)), grants);
        SchedulerState after = state.applyAll(grants)
                .applyAll(SchedulerDecisions.finish(
                        state.applyAll(grants), "a", new Lease(Story.id(1), 1), Optional.empty(), NOW));
        assertEquals(List.of(new SchedulerEvent.LeaseGranted(Story.id(2), 2, "b", NOW)), grant(after, NOW, "b"));
    }

    @Test
    void goesOnWithTheUpdateThatWasBegunWhenAnOlderOneComesLate() {
        SchedulerState state = queued(request(Story.id(2), 0.5));
        state = state.applyAll(grant(state, NOW));
        state = state.applyAll(SchedulerDecisions.enqueue(state, request(Story.id(1), 1.0), NOW));
        assertEquals(List.of(), grant(state, NOW, "b"));
        state = ended(state, NOW);
        assertEquals(
                List.of(new SchedulerEvent.LeaseGranted(Story.id(2), 2, "a", NOW.plusSeconds(5))),
                grant(state, NOW.plusSeconds(5)));
    }

    @Test
    void aClockThatWasAheadKeepsNothingWaitingAndMakesNothingCheaperThanFree() {
        Instant ahead = NOW.plus(Duration.ofHours(1));
        SchedulerState failed = ended(leased(), ahead);
        assertEquals(List.of(new SchedulerEvent.LeaseGranted(NEWS, 2, "a", NOW)), grant(failed, NOW));
        SchedulerState state = queued(request(NEWS, 0.5));
        state = state.applyAll(grant(state, ahead));
        assertEquals(
                List.of(new SchedulerEvent.RequestRemoved(NEWS, "its domain has the candidate", Optional.of(0.0), NOW)),
                SchedulerDecisions.finish(state, "a", new Lease(NEWS, 1), Optional.empty(), NOW));
    }

    @Test
    void takesALeaseBackOnlyAfterTheTimeout() {
        SchedulerState state = leased();
        Instant later = NOW.plusMillis(14_001);
        assertEquals(List.of(), SchedulerDecisions.expire(state, SETTINGS, Map.of(1L, Duration.ofSeconds(10)), later));
        assertEquals(
                List.of(new SchedulerEvent.LeaseEnded(NEWS, 1, "trainer a: silent for more than 10000 ms", later)),
                SchedulerDecisions.expire(state, SETTINGS, Map.of(1L, Duration.ofMillis(10_001)), later));
        assertEquals(
                1,
                SchedulerDecisions.expire(state, SETTINGS, Map.of(), NOW.plusSeconds(11))
                        .size());
    }

    @Test
    void waitsLongerAfterEachAttempt() {
        SchedulerState once = ended(leased(), NOW);
        assertEquals(List.of(), grant(once, NOW.plusMillis(4_999)));
        List<SchedulerEvent> second = grant(once, NOW.plusSeconds(5));
        assertEquals(List.of(new SchedulerEvent.LeaseGranted(NEWS, 2, "a", NOW.plusSeconds(5))), second);
        SchedulerState twice = ended(once.applyAll(second), NOW.plusSeconds(6));
        assertEquals(List.of(), grant(twice, NOW.plusSeconds(15)));
        assertEquals(1, grant(twice, NOW.plusSeconds(16)).size());
    }

    @Test
    void failsAnUpdateAfterItsLastAttemptWithEveryReason() {
        SchedulerState state = queued(request(NEWS, 0.5));
        Instant now = NOW;
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertEquals(List.of(), SchedulerDecisions.exhausted(state, SETTINGS));
            now = now.plusSeconds(60);
            state = ended(state.applyAll(grant(state, now)), now);
        }
        assertEquals(List.of(), grant(state, now.plus(Duration.ofDays(1))));
        assertEquals(
                List.of(new DomainCommand.FailUpdate(
                        NEWS,
                        3,
                        "All 3 attempts ended without a candidate. Attempt 1, trainer a: out of memory. Attempt 2,"
                                + " trainer a: out of memory. Attempt 3, trainer a: out of memory.")),
                SchedulerDecisions.exhausted(state, SETTINGS));
    }

    @Test
    void countsNoAttemptWhereALeaseIsGivenBack() {
        SchedulerState state = leased();
        state = state.applyAll(
                SchedulerDecisions.giveBack(state, "a", new Lease(NEWS, 1), "this trainer stops", NOW.plusSeconds(3)));
        assertEquals(List.of(), state.find(NEWS).orElseThrow().ends());
        assertEquals(
                List.of(new SchedulerEvent.LeaseGranted(NEWS, 2, "a", NOW.plusSeconds(3))),
                grant(state, NOW.plusSeconds(3)));
    }

    @Test
    void ignoresALeaseGivenBackThatIsNoLongerHeld() {
        SchedulerState state = leased();
        assertEquals(List.of(), SchedulerDecisions.giveBack(state, "b", new Lease(NEWS, 1), "stops", NOW));
        assertEquals(List.of(), SchedulerDecisions.giveBack(state, "a", new Lease(NEWS, 9), "stops", NOW));
    }

    @Test
    void ignoresTheEndOfALeaseThatIsNoLongerHeld() {
        SchedulerState state = leased();
        Optional<String> failure = Optional.of("too late");
        assertEquals(List.of(), SchedulerDecisions.finish(state, "b", new Lease(NEWS, 1), failure, NOW));
        assertEquals(List.of(), SchedulerDecisions.finish(state, "a", new Lease(NEWS, 9), failure, NOW));
        assertEquals(List.of(), SchedulerDecisions.finish(state, "a", new Lease(LAW, 1), Optional.empty(), NOW));
    }

    @Test
    void removesOnlyWhatIsThere() {
        assertEquals(List.of(), SchedulerDecisions.remove(SchedulerState.EMPTY, NEWS, "cancelled", NOW));
        assertEquals(
                List.of(new SchedulerEvent.RequestRemoved(NEWS, "cancelled", Optional.empty(), NOW)),
                SchedulerDecisions.remove(leased(), NEWS, "cancelled", NOW));
    }

    @Test
    void showsTheQueueBestFirstWithTermsThatAddUp() {
        SchedulerState state = queued(request(NEWS, 0.1), request(LAW, 0.9));
        state = state.applyAll(grant(state, NOW));
        QueueView view = QueueViews.view(state, SETTINGS, List.of(seen("b"), seen("a")), 10, NOW.plusSeconds(60));
        assertEquals(
                List.of(LAW, NEWS),
                view.requests().stream().map(QueueView.Request::id).toList());
        assertEquals(
                List.of(1, 0),
                view.requests().stream().map(QueueView.Request::attempts).toList());
        assertEquals(
                List.of(
                        new QueueView.Trainer("a", Optional.of(LAW), Optional.of(1L), NOW),
                        new QueueView.Trainer("b", Optional.empty(), Optional.empty(), NOW)),
                view.trainers());
        for (QueueView.Request request : view.requests()) {
            double sum = request.terms().values().stream()
                    .mapToDouble(Double::doubleValue)
                    .sum();
            assertEquals(request.priority(), sum, 1e-12);
        }
    }

    @Test
    void foldsEveryPermittedEvent() {
        List<SchedulerEvent> events = List.of(
                new SchedulerEvent.RequestQueued(request(NEWS, 0.5), NOW),
                new SchedulerEvent.RequestChanged(request(NEWS, 0.75), NOW),
                new SchedulerEvent.LeaseGranted(NEWS, 4, "a", NOW),
                new SchedulerEvent.LeaseEnded(NEWS, 4, "silent", NOW),
                new SchedulerEvent.LeaseGranted(NEWS, 5, "a", NOW),
                new SchedulerEvent.PreemptionAsked(NEWS, 5, LAW, NOW),
                new SchedulerEvent.LeaseYielded(NEWS, 5, NOW),
                new SchedulerEvent.LeaseGranted(NEWS, 6, "a", NOW),
                new SchedulerEvent.LeaseReturned(NEWS, 6, "stops", NOW),
                new SchedulerEvent.RequestRemoved(NEWS, "failed", Optional.empty(), NOW));
        Set<Class<?>> told = new HashSet<>();
        events.forEach(event -> told.add(event.getClass()));
        assertEquals(Set.of(SchedulerEvent.class.getPermittedSubclasses()), told);
        SchedulerState after = SchedulerState.EMPTY.applyAll(events);
        assertEquals(6, after.lastToken());
        assertEquals(SchedulerState.EMPTY.entries(), after.entries());
        assertEquals(SchedulerState.EMPTY.ranking(), after.ranking());
        assertEquals(SchedulerState.EMPTY.retrying(), after.retrying());
    }

    @Test
    void takesOverWhatIsNewOfARequestThatWaits() {
        SchedulerState state = queued(request(NEWS, 0.2), request(LAW, 0.5));
        List<SchedulerEvent> changed = SchedulerDecisions.enqueue(state, request(NEWS, 0.9), NOW);
        assertEquals(List.of(new SchedulerEvent.RequestChanged(request(NEWS, 0.9), NOW)), changed);
        assertEquals(List.of(new SchedulerEvent.LeaseGranted(NEWS, 1, "a", NOW)), grant(state.applyAll(changed), NOW));
    }

    @Test
    void showsNoMoreThanWasAskedFor() {
        SchedulerState state = queued(request(NEWS, 0.1), request(LAW, 0.9), request(Story.id(2), 1));
        QueueView view = QueueViews.view(state, SETTINGS, List.of(), 1, NOW);
        assertEquals(3, view.queued());
        assertEquals(
                List.of(LAW),
                view.requests().stream().map(QueueView.Request::id).toList());
    }

    @Test
    void saysWhatARequestWaitsFor() {
        SchedulerState state = queued(request(NEWS, 0.1), request(Story.id(2), 1));
        state = state.applyAll(grant(state, NOW));
        QueueView view = QueueViews.view(state, SETTINGS, List.of(), 10, NOW);
        assertEquals(
                Map.of(NEWS, Optional.empty(), Story.id(2), Optional.of("waits for news-u1 of the same domain")),
                view.requests().stream().collect(Collectors.toMap(QueueView.Request::id, QueueView.Request::waitsFor)));
    }

    private static UpdateRequest request(UpdateId id, double importance) {
        return new UpdateRequest(id, UpdateKind.TASK, importance, Optional.empty(), Optional.empty(), 9, NOW);
    }

    private static SchedulerState queued(UpdateRequest... requests) {
        SchedulerState state = SchedulerState.EMPTY;
        for (UpdateRequest request : requests) {
            state = state.applyAll(SchedulerDecisions.enqueue(state, request, NOW));
        }
        return state;
    }

    /** Trainer a holds the one request under token 1. */
    private static SchedulerState leased() {
        SchedulerState state = queued(request(NEWS, 0.5));
        return state.applyAll(grant(state, NOW));
    }

    private static SchedulerState ended(SchedulerState state, Instant now) {
        Lease lease = state.leaseOf("a").orElseThrow();
        return state.applyAll(SchedulerDecisions.finish(state, "a", lease, Optional.of("out of memory"), now));
    }

    private static List<SchedulerEvent> grant(SchedulerState state, Instant now) {
        return grant(state, now, "a");
    }

    /** Without saying why each got its trainer. */
    private static List<SchedulerEvent> grant(SchedulerState state, Instant now, String... idle) {
        return SchedulerDecisions.grant(state, SETTINGS, Placement.unknown(idle), now).stream()
                .map(event -> (SchedulerEvent.LeaseGranted) event)
                .<SchedulerEvent>map(granted -> new SchedulerEvent.LeaseGranted(
                        granted.update(), granted.token(), granted.trainer(), granted.at()))
                .toList();
    }

    private static QueueView.Trainer seen(String id) {
        return new QueueView.Trainer(id, Optional.empty(), Optional.empty(), NOW);
    }
}
