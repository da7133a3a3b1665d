package dev.perennial.domain;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Who works on what: from the queue, what trainers said and the time to events. */
public final class SchedulerDecisions {
    private SchedulerDecisions() {}

    /** A request that is known already is not queued twice. */
    public static List<SchedulerEvent> enqueue(SchedulerState state, UpdateRequest request, Instant now) {
        return state.find(request.id()).isPresent()
                ? List.of()
                : List.of(new SchedulerEvent.RequestQueued(request, now));
    }

    public static List<SchedulerEvent> remove(SchedulerState state, UpdateId update, String reason, Instant now) {
        return state.find(update).isPresent()
                ? List.of(new SchedulerEvent.RequestRemoved(update, reason, now))
                : List.of();
    }

    /** A lease's end as its trainer tells it; one that the trainer no longer holds changes nothing. */
    public static List<SchedulerEvent> finish(
            SchedulerState state, String trainer, Lease lease, Optional<String> failure, Instant now) {
        if (!state.holds(trainer, lease)) {
            return List.of();
        }
        return failure.isPresent()
                ? end(trainer, lease, failure.get(), now)
                : remove(state, lease.update(), "its domain has the candidate", now);
    }

    /** Takes a lease back that its trainer held. */
    public static List<SchedulerEvent> end(String trainer, Lease lease, String reason, Instant now) {
        String told = "trainer " + trainer + ": " + reason;
        return List.of(new SchedulerEvent.LeaseEnded(lease.update(), lease.token(), told, now));
    }

    /**
     * @param renewed by token, when the trainer last showed that it works under the lease; a token that is missing here is
     *     as old as its grant
     */
    public static List<SchedulerEvent> expire(
            SchedulerState state, SchedulerSettings settings, Map<Long, Instant> renewed, Instant now) {
        List<SchedulerEvent> events = new ArrayList<>();
        for (Entry entry : state.held()) {
            Instant heard = renewed.getOrDefault(entry.token(), entry.since());
            if (Duration.between(heard, now).compareTo(settings.leaseTimeout()) > 0) {
                String reason =
                        "silent for more than " + settings.leaseTimeout().toMillis() + " ms";
                events.addAll(end(entry.trainer().orElseThrow(), SchedulerState.lease(entry), reason, now));
            }
        }
        return events;
    }

    /**
     * Gives the best requests to idle trainers. A domain's updates run in the order of their numbers and one at a time,
     * since each begins from what the one before it left live.
     */
    public static List<SchedulerEvent> grant(
            SchedulerState state, SchedulerSettings settings, Collection<String> idleTrainers, Instant now) {
        if (idleTrainers.isEmpty()) {
            return List.of();
        }
        Iterator<String> trainers = new TreeSet<>(idleTrainers).iterator();
        Iterator<Entry> requests = nextOfEachDomain(state).stream()
                .filter(entry -> isReady(entry, settings, now))
                .sorted(bestFirst(now))
                .iterator();
        List<SchedulerEvent> events = new ArrayList<>();
        long token = state.lastToken();
        while (trainers.hasNext() && requests.hasNext()) {
            token++;
            UpdateId update = requests.next().request().id();
            events.add(new SchedulerEvent.LeaseGranted(update, token, trainers.next(), now));
        }
        return events;
    }

    /** What was begun goes on first: its domain would refuse to begin another. */
    private static Collection<Entry> nextOfEachDomain(SchedulerState state) {
        Map<DomainId, Entry> next = new TreeMap<>();
        for (Entry entry : state.entries().values()) {
            next.merge(entry.request().id().domain(), entry, (older, newer) -> newer.token() > 0 ? newer : older);
        }
        return next.values();
    }

    private static boolean isReady(Entry entry, SchedulerSettings settings, Instant now) {
        int attempts = entry.ends().size();
        return entry.trainer().isEmpty()
                && attempts < settings.attempts()
                && (attempts == 0
                        || !now.isBefore(entry.since().plus(settings.backoff().multipliedBy(attempts))));
    }

    /** Equal priorities keep the order of their ids, so that two runs agree. */
    private static Comparator<Entry> bestFirst(Instant now) {
        return Comparator.comparingDouble(
                        (Entry entry) -> -Priority.of(entry.request(), now).sum())
                .thenComparing(entry -> entry.request().id().toString());
    }

    /** The updates that have used up their attempts and are to be failed in their domains. */
    public static List<DomainCommand.FailUpdate> exhausted(SchedulerState state, SchedulerSettings settings) {
        return state.entries().values().stream()
                .filter(entry -> entry.trainer().isEmpty() && entry.ends().size() >= settings.attempts())
                .map(entry -> new DomainCommand.FailUpdate(entry.request().id(), entry.token(), reasons(entry)))
                .toList();
    }

    private static String reasons(Entry entry) {
        StringBuilder text = new StringBuilder("All " + entry.ends().size() + " attempts ended without a candidate.");
        for (int i = 0; i < entry.ends().size(); i++) {
            text.append(" Attempt ")
                    .append(i + 1)
                    .append(", ")
                    .append(entry.ends().get(i))
                    .append('.');
        }
        return text.toString();
    }

    /** @param lastSeen by the ids of the trainers that are there */
    public static QueueView view(SchedulerState state, Map<String, Instant> lastSeen, Instant now) {
        List<QueueView.Request> requests = state.entries().values().stream()
                .sorted(bestFirst(now))
                .map(entry -> {
                    Priority priority = Priority.of(entry.request(), now);
                    int attempts = entry.ends().size() + (entry.trainer().isPresent() ? 1 : 0);
                    return new QueueView.Request(
                            entry.request().id(), priority.sum(), priority.terms(), attempts, entry.trainer());
                })
                .toList();
        List<QueueView.Trainer> trainers = lastSeen.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(seen -> {
                    Optional<Lease> lease = state.leaseOf(seen.getKey());
                    return new QueueView.Trainer(
                            seen.getKey(), lease.map(Lease::update), lease.map(Lease::token), seen.getValue());
                })
                .toList();
        return new QueueView(requests, trainers);
    }
}
