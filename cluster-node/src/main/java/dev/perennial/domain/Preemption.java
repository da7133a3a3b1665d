package dev.perennial.domain;

import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Lets urgent updates run in the place of others: a {@code fix} that is next in the ranking while no trainer is free asks for
 * the trainer of the running update of the lowest priority. That one stops at its next checkpoint, from which it goes on
 * later. A {@code fix} never gives way, nor does what has given way twice, nor what is nearly as urgent.
 */
public final class Preemption {
    private static final int MOST_YIELDS = 2;

    /** What is lost by stopping has to be worth it: points of priority between the two. */
    private static final double MARGIN = 1;

    private Preemption() {}

    /** @param state in which no trainer is idle that could take the best request */
    public static List<SchedulerEvent> preempt(SchedulerState state, SchedulerSettings settings, Instant now) {
        SchedulerState current = state.at(now);
        List<SchedulerEvent> events = new ArrayList<>();
        Set<UpdateId> yielding = new HashSet<>();
        Set<UpdateId> awaited = awaited(current);
        Iterator<UpdateId> ranked = current.ranking()
                .bestFirst(
                        current.usage(), tenant -> SchedulerDecisions.isWithinBudget(current, settings, tenant, now));
        while (ranked.hasNext()) {
            Entry urgent = current.find(ranked.next()).orElseThrow();
            if (urgent.request().kind() != UpdateKind.FIX) {
                break;
            }
            UpdateId id = urgent.request().id();
            if (!awaited.contains(id)) {
                Optional<Entry> victim = victim(current, urgent, yielding, now);
                if (victim.isEmpty()) {
                    break;
                }
                UpdateId chosen = victim.get().request().id();
                yielding.add(chosen);
                events.add(
                        new SchedulerEvent.PreemptionAsked(chosen, victim.get().token(), id, now));
            }
        }
        return events;
    }

    private static Set<UpdateId> awaited(SchedulerState state) {
        Set<UpdateId> awaited = new HashSet<>();
        state.running().forEach(entry -> entry.yieldsTo().ifPresent(awaited::add));
        return awaited;
    }

    private static Optional<Entry> victim(SchedulerState state, Entry urgent, Set<UpdateId> yielding, Instant now) {
        double enough = SchedulerDecisions.sum(state, urgent, now) - MARGIN;
        return state.running()
                .filter(entry -> entry.request().kind() != UpdateKind.FIX
                        && entry.yields() < MOST_YIELDS
                        && entry.yieldsTo().isEmpty()
                        && !yielding.contains(entry.request().id())
                        && SchedulerDecisions.sum(state, entry, now) < enough)
                .max(SchedulerDecisions.bestFirst(state, now));
    }
}
