package dev.perennial.domain;

import dev.perennial.domain.Placement.Trainer;
import dev.perennial.domain.Ranking.Lane;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Lets urgent updates run in the place of others: a {@code fix} that would be next on a trainer while none is free asks for
 * that of the running update of the lowest priority. That one stops at its next checkpoint, from which it goes on
 * later. So does a running update that alone keeps a {@code fix} waiting, by a conflict group of both. A {@code fix} never gives way, nor
 * does what has given way twice, what is nearly as urgent, or what runs where the urgent one could not.
 */
public final class Preemption {
    private static final int MOST_YIELDS = 2;

    /** What is lost by stopping has to be worth it: points of priority between the two. */
    private static final double MARGIN = 1;

    private Preemption() {}

    /**
     * @param state in which no request could begin on a trainer that is idle
     * @param known the trainers that are there; of others nothing is known
     */
    public static List<SchedulerEvent> preempt(
            SchedulerState state, SchedulerSettings settings, Collection<Trainer> known, Instant now) {
        SchedulerState current = state.at(now);
        Map<String, Trainer> trainers = known.stream().collect(Collectors.toMap(Trainer::id, trainer -> trainer));
        List<SchedulerEvent> events = new ArrayList<>();
        Set<UpdateId> yielding = new HashSet<>();
        Set<UpdateId> awaited = awaited(current);
        Set<Need> hopeless = new HashSet<>();
        List<Entry> served = new ArrayList<>();
        for (Urgent each : urgent(current, settings, trainers, now)) {
            Entry urgent = each.fix();
            UpdateId id = urgent.request().id();
            Need need = Need.of(urgent.request());
            if (awaited.contains(id)) {
                served.add(urgent);
            } else if (!hopeless.contains(need) && served.stream().noneMatch(other -> conflict(other, urgent))) {
                Optional<Entry> victim = victim(current, each, yielding, trainers, now);
                if (victim.isEmpty()) {
                    // Nor is there one for what is less urgent.
                    hopeless.add(need);
                }
                victim.ifPresent(chosen -> {
                    served.add(urgent);
                    yielding.add(chosen.request().id());
                    events.add(asked(chosen, urgent, now));
                });
            }
        }
        for (Entry urgent : blocked(current, settings, now)) {
            UpdateId id = urgent.request().id();
            double enough = SchedulerDecisions.sum(current, urgent, now) - MARGIN;
            current.groups()
                    .onlyHolder(urgent.request())
                    .flatMap(current::find)
                    .filter(holder -> !awaited.contains(id)
                            && mayYield(current, holder, enough, yielding, now)
                            && hasPlace(current, Need.of(urgent.request()), holder, trainers))
                    .ifPresent(holder -> {
                        yielding.add(holder.request().id());
                        events.add(asked(holder, urgent, now));
                    });
        }
        return events;
    }

    /**
     * A fix, and what it could run in the place of, as far as others go.
     *
     * @param open what runs where nothing fits that is no fix and comes before this one, as that would be next there
     */
    private record Urgent(Entry fix, List<Entry> open) {}

    /** The fixes that would be next on the trainer of something that runs, best first; those too that are tried again. */
    private static List<Urgent> urgent(
            SchedulerState state, SchedulerSettings settings, Map<String, Trainer> trainers, Instant now) {
        Predicate<Lane> allowed = lane -> SchedulerDecisions.isWithinBudget(state, settings, lane.tenant(), now)
                && state.running().anyMatch(entry -> fits(lane.need(), entry, trainers));
        List<Entry> next =
                SchedulerDecisions.triedAgain(state, settings, allowed, now).collect(Collectors.toList());
        Iterator<UpdateId> ranked = state.ranking()
                .bestFirst(state.usage(), allowed, id -> !isFix(state.find(id).orElseThrow()));
        // Most often the first that is no fix would be next everywhere, and nothing behind it matters.
        List<Entry> open = state.running().collect(Collectors.toList());
        while (!open.isEmpty() && ranked.hasNext()) {
            Entry entry = state.find(ranked.next()).orElseThrow();
            next.add(entry);
            if (!isFix(entry)) {
                close(open, entry, trainers);
            }
        }
        next.sort(SchedulerDecisions.bestFirst(state, now));
        open = state.running().collect(Collectors.toList());
        List<Urgent> urgent = new ArrayList<>();
        for (Entry entry : next) {
            if (isFix(entry)) {
                urgent.add(new Urgent(entry, List.copyOf(open)));
            } else {
                close(open, entry, trainers);
            }
        }
        return urgent;
    }

    private static void close(List<Entry> open, Entry next, Map<String, Trainer> trainers) {
        Need need = Need.of(next.request());
        open.removeIf(running -> fits(need, running, trainers));
    }

    private static SchedulerEvent asked(Entry victim, Entry urgent, Instant now) {
        return new SchedulerEvent.PreemptionAsked(
                victim.request().id(), victim.token(), urgent.request().id(), now);
    }

    /** The fixes, best first, that could begin but for what runs in their conflict groups. */
    private static List<Entry> blocked(SchedulerState state, SchedulerSettings settings, Instant now) {
        return state.groups().blockedFixes().stream()
                .map(id -> state.find(id).orElseThrow())
                .filter(entry -> state.isNext(entry)
                        && SchedulerDecisions.isReady(entry, settings, now)
                        && SchedulerDecisions.isWithinBudget(
                                state, settings, entry.request().tenant(), now))
                .sorted(SchedulerDecisions.bestFirst(state, now))
                .toList();
    }

    /** Whether the update could run where the holder does, or on an idle trainer. */
    private static boolean hasPlace(SchedulerState state, Need need, Entry holder, Map<String, Trainer> trainers) {
        return fits(need, holder, trainers)
                || trainers.values().stream()
                        .anyMatch(
                                trainer -> !state.leases().containsKey(trainer.id()) && Placement.fits(need, trainer));
    }

    /** Of two that may not run at the same time, the second needs no trainer yet. */
    private static boolean conflict(Entry one, Entry other) {
        return !Collections.disjoint(
                one.request().conflictGroups(), other.request().conflictGroups());
    }

    private static boolean isFix(Entry entry) {
        return entry.request().kind() == UpdateKind.FIX;
    }

    private static Set<UpdateId> awaited(SchedulerState state) {
        Set<UpdateId> awaited = new HashSet<>();
        state.running().forEach(entry -> entry.yieldsTo().ifPresent(awaited::add));
        return awaited;
    }

    private static boolean fits(Need need, Entry running, Map<String, Trainer> trainers) {
        Trainer trainer = trainers.get(running.trainer().orElseThrow());
        return trainer == null || Placement.fits(need, trainer);
    }

    private static Optional<Entry> victim(
            SchedulerState state, Urgent urgent, Set<UpdateId> yielding, Map<String, Trainer> trainers, Instant now) {
        Need need = Need.of(urgent.fix().request());
        double enough = SchedulerDecisions.sum(state, urgent.fix(), now) - MARGIN;
        return urgent.open().stream()
                .filter(entry -> fits(need, entry, trainers) && mayYield(state, entry, enough, yielding, now))
                .max(SchedulerDecisions.bestFirst(state, now));
    }

    private static boolean mayYield(
            SchedulerState state, Entry running, double enough, Set<UpdateId> yielding, Instant now) {
        return !isFix(running)
                && running.yields() < MOST_YIELDS
                && running.yieldsTo().isEmpty()
                && !yielding.contains(running.request().id())
                && SchedulerDecisions.sum(state, running, now) < enough;
    }
}
