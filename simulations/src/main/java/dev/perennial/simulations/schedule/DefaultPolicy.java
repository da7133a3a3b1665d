package dev.perennial.simulations.schedule;

import dev.perennial.domain.Placement;
import dev.perennial.domain.Preemption;
import dev.perennial.domain.PriorityWeights;
import dev.perennial.domain.SchedulerDecisions;
import dev.perennial.domain.SchedulerSettings;
import dev.perennial.domain.SchedulerState;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The cluster's scheduler itself, without its actor: the same decisions over the same state. It learns costs as it goes. */
final class DefaultPolicy implements Policy {
    static final String NAME = "perennial";

    private final String name;
    private final SchedulerSettings settings = SchedulerSettings.DEFAULT;
    private SchedulerState state;

    DefaultPolicy() {
        this(NAME, PriorityWeights.DEFAULT);
    }

    DefaultPolicy(String name, PriorityWeights weights) {
        this.name = name;
        this.state = SchedulerState.empty(weights);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void request(UpdateRequest request, double gpuSeconds, Instant now) {
        apply(SchedulerDecisions.enqueue(state, request, now));
    }

    @Override
    public Optional<UpdateId> next(String gpu, Instant now) {
        List<SchedulerEvent> grants = SchedulerDecisions.grant(state, settings, Placement.unknown(gpu), now);
        apply(grants);
        return state.leaseOf(gpu).map(Lease::update);
    }

    @Override
    public void finished(UpdateId update, String gpu, Instant now) {
        apply(SchedulerDecisions.finish(state, gpu, lease(gpu), Optional.empty(), now));
    }

    @Override
    public boolean failed(UpdateId update, String gpu, Instant now) {
        apply(SchedulerDecisions.end(gpu, lease(gpu), "died", now));
        boolean exhausted = SchedulerDecisions.exhausted(state, settings).stream()
                .anyMatch(fail -> fail.update().equals(update));
        if (exhausted) {
            apply(SchedulerDecisions.remove(state, update, "failed", now));
        }
        return exhausted;
    }

    @Override
    public List<UpdateId> preempt(Instant now) {
        List<SchedulerEvent> asked = Preemption.preempt(
                state, settings, Placement.unknown(state.leases().keySet().toArray(String[]::new)), now);
        apply(asked);
        return asked.stream()
                .map(event -> ((SchedulerEvent.PreemptionAsked) event).update())
                .toList();
    }

    @Override
    public void yielded(UpdateId update, String gpu, Instant now) {
        apply(SchedulerDecisions.giveBack(state, gpu, lease(gpu), "paused", now));
    }

    private Lease lease(String gpu) {
        return state.leaseOf(gpu).orElseThrow();
    }

    private void apply(List<SchedulerEvent> events) {
        state = state.applyAll(events);
    }
}
