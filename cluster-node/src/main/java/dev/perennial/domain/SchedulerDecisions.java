package dev.perennial.domain;

import dev.perennial.domain.KeyedTree.Keyed;
import dev.perennial.domain.Placement.Choice;
import dev.perennial.domain.Placement.Trainer;
import dev.perennial.domain.Ranking.Lane;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Who works on what: from the queue, what trainers said and the time to events. */
public final class SchedulerDecisions {
    private static final int ATTEMPT_WORDS = 20;

    private SchedulerDecisions() {}

    /** A request that is known already is not queued twice; what is new of it is told. */
    public static List<SchedulerEvent> enqueue(SchedulerState state, UpdateRequest request, Instant now) {
        Optional<Entry> known = state.find(request.id());
        if (known.isEmpty()) {
            return List.of(new SchedulerEvent.RequestQueued(request, now));
        }
        return known.get().request().equals(request)
                ? List.of()
                : List.of(new SchedulerEvent.RequestChanged(request, now));
    }

    public static List<SchedulerEvent> remove(SchedulerState state, UpdateId update, String reason, Instant now) {
        return close(state, update, reason, false, now);
    }

    /**
     * The end of an update as its domain tells it, which comes before its trainer can tell of its lease's.
     *
     * @param trained whether by its candidate
     */
    public static List<SchedulerEvent> close(
            SchedulerState state, UpdateId update, String reason, boolean trained, Instant now) {
        return state.find(update).stream()
                .<SchedulerEvent>map(entry -> new SchedulerEvent.RequestRemoved(
                        update,
                        reason,
                        trained && entry.trainer().isPresent() ? Optional.of(seconds(entry, now)) : Optional.empty(),
                        now))
                .toList();
    }

    /** Of the lease that is held; a clock that was set back makes nothing cheaper than free. */
    private static double seconds(Entry held, Instant now) {
        return Math.max(0, Duration.between(held.since(), now).toMillis() / 1000.0);
    }

    /**
     * A lease's end as its trainer tells it; one that the trainer no longer holds changes nothing. Whoever was asked to stop
     * and did gives the lease back: what fails meanwhile has failed.
     */
    public static List<SchedulerEvent> finish(
            SchedulerState state, String trainer, Lease lease, Optional<String> failure, Instant now) {
        if (!state.holds(trainer, lease)) {
            return List.of();
        }
        if (failure.isPresent()) {
            return end(trainer, lease, failure.get(), now);
        }
        return close(state, lease.update(), "its domain has the candidate", true, now);
    }

    /** A lease that its trainer cannot use; one that the trainer no longer holds changes nothing. */
    public static List<SchedulerEvent> giveBack(
            SchedulerState state, String trainer, Lease lease, String reason, Instant now) {
        if (!state.holds(trainer, lease)) {
            return List.of();
        }
        boolean asked = state.find(lease.update()).flatMap(Entry::yieldsTo).isPresent();
        return List.of(
                asked
                        ? new SchedulerEvent.LeaseYielded(lease.update(), lease.token(), now)
                        : new SchedulerEvent.LeaseReturned(lease.update(), lease.token(), reason, now));
    }

    /** Takes a lease back that its trainer held. */
    public static List<SchedulerEvent> end(String trainer, Lease lease, String reason, Instant now) {
        return List.of(new SchedulerEvent.LeaseEnded(lease.update(), lease.token(), toldOf(trainer) + reason, now));
    }

    /** How the reason of an attempt's end begins. */
    static String toldOf(String trainer) {
        return "trainer " + trainer + ": ";
    }

    /**
     * @param silences by token, for how long the trainer has not shown that it works under the lease; a token that is missing here is
     *     as old as its grant
     */
    public static List<SchedulerEvent> expire(
            SchedulerState state, SchedulerSettings settings, Map<Long, Duration> silences, Instant now) {
        List<SchedulerEvent> events = new ArrayList<>();
        for (Entry entry : state.held()) {
            Duration silence = silences.getOrDefault(entry.token(), Duration.between(entry.since(), now));
            if (silence.compareTo(settings.leaseTimeout()) > 0) {
                String reason =
                        "silent for more than " + settings.leaseTimeout().toMillis() + " ms";
                events.addAll(end(entry.trainer().orElseThrow(), SchedulerState.lease(entry), reason, now));
            }
        }
        return events;
    }

    /**
     * Gives the best requests to idle trainers; one that fits none of them keeps no other waiting. A domain's updates run in
     * the order of their numbers and one at a time, since each begins from what the one before it left live; no two domains of
     * a conflict group run at the same time, and no tenant begins an update after its budget of the day is used up.
     */
    public static List<SchedulerEvent> grant(
            SchedulerState state, SchedulerSettings settings, Collection<Trainer> idleTrainers, Instant now) {
        if (idleTrainers.isEmpty()) {
            return List.of();
        }
        List<Trainer> idle = new ArrayList<>(idleTrainers);
        List<SchedulerEvent> events = new ArrayList<>();
        SchedulerState next = state.at(now);
        while (!idle.isEmpty()) {
            Optional<Entry> best = best(next, settings, idle, now);
            if (best.isEmpty()) {
                break;
            }
            Choice choice = Placement.choose(best.get(), idle, next.uses()).orElseThrow();
            idle.remove(choice.trainer());
            SchedulerEvent.LeaseGranted granted = new SchedulerEvent.LeaseGranted(
                    best.get().request().id(),
                    next.lastToken() + 1,
                    choice.trainer().id(),
                    Optional.of(choice.why()),
                    now);
            events.add(granted);
            if (!idle.isEmpty()) {
                next = next.apply(granted);
            }
        }
        return events;
    }

    /** The request that would begin next: the first in the ranking, or a better one of those that are tried again. */
    private static Optional<Entry> best(
            SchedulerState state, SchedulerSettings settings, List<Trainer> idle, Instant now) {
        Predicate<Lane> allowed =
                lane -> isWithinBudget(state, settings, lane.tenant(), now) && Placement.fitsAny(lane.need(), idle);
        Set<String> reserved = reserved(state, allowed, now);
        Optional<Entry> ranked = reserved.isEmpty()
                ? state.ranking().best(state.usage(), allowed).flatMap(state::find)
                : unreserved(state, allowed, reserved);
        if (state.retrying().isEmpty()) {
            return ranked;
        }
        return Stream.concat(triedAgain(state, settings, allowed, now), ranked.stream())
                .filter(entry -> isUnreserved(entry, reserved))
                .min(bestFirst(state, now));
    }

    /**
     * Conflict groups that are kept free for the request of several of them that came first, once it has waited for the bound: one or
     * another of them is held at any time, and ranking it first does not help it.
     */
    private static Set<String> reserved(SchedulerState state, Predicate<Lane> allowed, Instant now) {
        if (state.several().isEmpty()) {
            return Set.of();
        }
        double bound =
                SchedulerState.seconds(now.minus(state.ranking().weights().starvationBound()));
        Iterator<Keyed<UpdateId>> oldest = state.several().iterator();
        while (oldest.hasNext()) {
            Keyed<UpdateId> each = oldest.next();
            if (each.key() >= bound) {
                break;
            }
            Entry entry = state.find(each.value()).orElseThrow();
            if (state.isNext(entry) && !state.isFree(entry) && allowed.test(Lane.of(entry.request()))) {
                return Set.copyOf(entry.request().conflictGroups());
            }
        }
        return Set.of();
    }

    private static boolean isUnreserved(Entry entry, Set<String> reserved) {
        return Collections.disjoint(entry.request().conflictGroups(), reserved);
    }

    private static Optional<Entry> unreserved(SchedulerState state, Predicate<Lane> allowed, Set<String> reserved) {
        Iterator<UpdateId> ranked = state.ranking().bestFirst(state.usage(), allowed);
        while (ranked.hasNext()) {
            Entry entry = state.find(ranked.next()).orElseThrow();
            if (isUnreserved(entry, reserved)) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /** What failed and may begin again now; it is not in the ranking. */
    static Stream<Entry> triedAgain(
            SchedulerState state, SchedulerSettings settings, Predicate<Lane> allowed, Instant now) {
        return state.retrying().stream()
                .flatMap(id -> state.find(id).stream())
                .filter(entry ->
                        isReady(entry, settings, now) && state.isFree(entry) && allowed.test(Lane.of(entry.request())));
    }

    static boolean isWithinBudget(SchedulerState state, SchedulerSettings settings, String tenant, Instant now) {
        return settings.budgets()
                .of(tenant)
                .map(budget -> state.usage().leaves(tenant, budget, now))
                .orElse(true);
    }

    /** Whether it has tries left, and its next one is due. */
    static boolean isReady(Entry entry, SchedulerSettings settings, Instant now) {
        // A failure that has yet to come was told by a clock that was ahead: what waits for it would wait too long.
        return entry.ends().size() < settings.attempts()
                && (now.isBefore(entry.since())
                        || nextTry(entry, settings).filter(now::isBefore).isEmpty());
    }

    /** When a request that waits after a failed attempt is tried again. */
    static Optional<Instant> nextTry(Entry entry, SchedulerSettings settings) {
        int attempts = entry.ends().size();
        return attempts == 0
                ? Optional.empty()
                : Optional.of(entry.since().plus(settings.backoff().multipliedBy(attempts)));
    }

    static Priority priority(SchedulerState state, Entry entry, Instant now) {
        UpdateRequest request = entry.request();
        double share = state.usage().share(request.tenant());
        return Priority.of(state.ranking().weights(), request, entry.predicted(), share, now);
    }

    static double sum(SchedulerState state, Entry entry, Instant now) {
        UpdateRequest request = entry.request();
        double share = state.usage().share(request.tenant());
        return Priority.sum(state.ranking().weights(), request, entry.predicted(), share, now);
    }

    /** Equal priorities keep the order of their ids, so that two runs agree. */
    static Comparator<Entry> bestFirst(SchedulerState state, Instant now) {
        return Comparator.comparingDouble((Entry entry) -> -sum(state, entry, now))
                .thenComparing(entry -> entry.request().id(), SchedulerState.ORDER);
    }

    /** The updates that have used up their attempts and are to be failed in their domains. */
    public static List<DomainCommand.FailUpdate> exhausted(SchedulerState state, SchedulerSettings settings) {
        return state.retrying().stream()
                .flatMap(id -> state.find(id).stream())
                .filter(entry -> entry.ends().size() >= settings.attempts())
                .map(entry -> new DomainCommand.FailUpdate(entry.request().id(), entry.token(), reasons(entry)))
                .toList();
    }

    /** Every attempt is told of, if not with all that a crash left. */
    private static String reasons(Entry entry) {
        int attempts = entry.ends().size();
        int longest = DomainDecisions.LONGEST_TEXT / (attempts + 1) - ATTEMPT_WORDS;
        StringBuilder text = new StringBuilder("All " + attempts + " attempts ended without a candidate.");
        for (int i = 0; i < attempts; i++) {
            String end = entry.ends().get(i);
            text.append(" Attempt ")
                    .append(i + 1)
                    .append(", ")
                    .append(end.length() <= longest ? end : end.substring(0, Math.max(0, longest)) + "…")
                    .append('.');
        }
        return text.toString();
    }
}
