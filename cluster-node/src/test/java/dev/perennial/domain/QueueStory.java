package dev.perennial.domain;

import dev.perennial.protocols.DomainId;
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

/** A queue to which one thing happens after another. */
final class QueueStory {
    static final Instant NOON = Instant.parse("2026-01-05T12:00:00Z");
    static final SchedulerSettings SETTINGS = SchedulerSettings.DEFAULT;
    /** Tenant acme has a budget. */
    static final SchedulerSettings BUDGETED = new SchedulerSettings(
            3,
            Duration.ofDays(2),
            Duration.ZERO,
            new SchedulerSettings.Budgets(Optional.empty(), Map.of("acme", 3_600.0)));

    static final UpdateId LAW = new UpdateId(new DomainId("law"), 1);
    static final UpdateId NEWS = new UpdateId(new DomainId("news"), 1);
    static final UpdateId ALARM = new UpdateId(new DomainId("alarm"), 1);

    SchedulerState state = SchedulerState.EMPTY;

    static UpdateRequest needing(String base, UpdateId id, double importance, String... groups) {
        return needing(base, UpdateKind.FIX, NOON, id, importance, groups);
    }

    static UpdateRequest needing(
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

    static Placement.Trainer having(String id, String... bases) {
        return new Placement.Trainer(
                id, Optional.of(new TrainerCapabilities("cpu", 1L << 40, List.of(bases), List.of())));
    }

    void runningLawAndNews() {
        enqueue(request(LAW, UpdateKind.TASK, 0.9, "default", List.of()));
        enqueue(request(NEWS, UpdateKind.TASK, 0.5, "default", List.of()));
        grant(NOON, "a", "b");
    }

    Optional<String> waitsFor(UpdateId id, SchedulerSettings settings) {
        return QueueViews.view(state, settings, List.of(), 100, state.clock()).requests().stream()
                .filter(request -> request.id().equals(id))
                .findFirst()
                .flatMap(QueueView.Request::waitsFor);
    }

    void enqueue(UpdateRequest request) {
        state = state.applyAll(
                SchedulerDecisions.enqueue(state, request, state.at(NOON).clock()));
    }

    void grant(Instant now, String... idle) {
        grant(now, SETTINGS, idle);
    }

    void grant(Instant now, SchedulerSettings settings, String... idle) {
        state = state.applyAll(SchedulerDecisions.grant(state, settings, Placement.unknown(idle), now));
    }

    /** Of trainers of which nothing is known but their names. */
    List<SchedulerEvent> preempt(String... trainers) {
        return Preemption.preempt(state, SETTINGS, Placement.unknown(trainers), NOON);
    }

    void finish(String trainer, Optional<String> failure, Instant now) {
        state = state.applyAll(
                SchedulerDecisions.finish(state, trainer, state.leaseOf(trainer).orElseThrow(), failure, now));
    }

    void giveBack(String trainer, Instant now) {
        state = state.applyAll(SchedulerDecisions.giveBack(
                state, trainer, state.leaseOf(trainer).orElseThrow(), "paused", now));
    }

    static UpdateRequest request(UpdateId id, UpdateKind kind, double importance, String tenant, List<String> groups) {
        return request(id, kind, importance, tenant, groups, NOON);
    }

    static UpdateRequest request(
            UpdateId id, UpdateKind kind, double importance, String tenant, List<String> groups, Instant at) {
        return new UpdateRequest(
                id, kind, importance, Optional.empty(), Optional.empty(), 9, at, tenant, groups, UpdateSignals.NONE);
    }
}
