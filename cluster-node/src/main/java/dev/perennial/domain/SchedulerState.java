package dev.perennial.domain;

import dev.perennial.protocols.Lease;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

/**
 * The queue and the leases, as the scheduler's events say. What is derived of the entries is kept in order with them, so
 * that an event costs O(log n), and as much again for each other domain of its conflict groups.
 *
 * @param clock time of the latest event; the ranking is as of then
 * @param lastToken the largest fencing token ever granted
 * @param ranking the requests that could begin at once; those that wait after a failed attempt are not in it
 * @param steps when deadlines of requests come nearer, soonest first
 * @param leases what each trainer holds
 * @param retrying requests that wait after a failed attempt
 * @param fixes urgent requests that wait
 * @param several requests of more than one conflict group that wait, by when they were requested
 * @param groups which domains with requests are in a conflict group, and which of their updates runs
 * @param uses of trainers that hold a lease or held one
 */
public record SchedulerState(
        Instant clock,
        long lastToken,
        EntryMap entries,
        Ranking ranking,
        KeyedTree<DeadlineStep> steps,
        TreePMap<String, UpdateId> leases,
        TreePSet<UpdateId> retrying,
        TreePSet<UpdateId> fixes,
        KeyedTree<UpdateId> several,
        ConflictGroups groups,
        TrainerUses uses,
        TenantUsage usage,
        CostModel costs) {
    static final Comparator<UpdateId> ORDER =
            Comparator.comparing(UpdateId::domain).thenComparingInt(UpdateId::number);

    public static final SchedulerState EMPTY = empty(PriorityWeights.DEFAULT);

    record DeadlineStep(Instant at, UpdateId id) {
        double key() {
            return seconds(at);
        }

        static final Comparator<DeadlineStep> SOONEST =
                Comparator.comparing(DeadlineStep::at).thenComparing(DeadlineStep::id, ORDER);
    }

    /** Since 1970, by which times are sorted; what rounding makes equal is told apart by what is sorted. */
    static double seconds(Instant at) {
        return at.getEpochSecond() + at.getNano() * 1e-9;
    }

    public static SchedulerState empty(PriorityWeights weights) {
        return new SchedulerState(
                Instant.EPOCH,
                0,
                EntryMap.EMPTY,
                Ranking.empty(weights),
                KeyedTree.empty(DeadlineStep.SOONEST),
                TreePMap.empty(),
                TreePSet.empty(ORDER),
                TreePSet.empty(ORDER),
                KeyedTree.empty(ORDER),
                ConflictGroups.NONE,
                TrainerUses.NONE,
                TenantUsage.EMPTY,
                CostModel.EMPTY);
    }

    public SchedulerState applyAll(List<? extends SchedulerEvent> events) {
        SchedulerState next = this;
        for (SchedulerEvent event : events) {
            next = next.apply(event);
        }
        return next;
    }

    public SchedulerState apply(SchedulerEvent event) {
        SchedulerBuilder next = new SchedulerBuilder(at(event.at()));
        if (event instanceof SchedulerEvent.RequestQueued queued) {
            next.put(new Entry(
                    queued.request(),
                    Optional.empty(),
                    0,
                    queued.at(),
                    List.of(),
                    costs.predict(queued.request()).orElse(0.0),
                    0,
                    0,
                    Optional.empty(),
                    Optional.empty()));
        } else if (event instanceof SchedulerEvent.RequestChanged changed) {
            next.put(changed(existing(changed.request().id()), changed.request()));
        } else if (event instanceof SchedulerEvent.LeaseGranted granted) {
            next.grant(existing(granted.update()), granted);
        } else if (event instanceof SchedulerEvent.LeaseEnded ended) {
            Entry old = existing(ended.update());
            next.release(
                    old, TreePVector.from(old.ends()).plus(ended.reason()), old.yields(), old.returns(), ended.at());
        } else if (event instanceof SchedulerEvent.PreemptionAsked asked) {
            next.put(yielding(existing(asked.update()), asked.urgent()));
        } else if (event instanceof SchedulerEvent.LeaseYielded yielded) {
            Entry old = existing(yielded.update());
            next.release(old, old.ends(), old.yields() + 1, old.returns(), yielded.at());
        } else if (event instanceof SchedulerEvent.LeaseReturned returned) {
            Entry old = existing(returned.update());
            next.release(old, old.ends(), old.yields(), old.returns() + 1, returned.at());
        } else if (event instanceof SchedulerEvent.RequestRemoved removed) {
            find(removed.update()).ifPresent(old -> next.remove(old, removed));
        } else {
            throw new AssertionError(event);
        }
        return next.build();
    }

    /** What a running update was predicted to take stays reserved for its tenant until it ends. */
    private Entry changed(Entry old, UpdateRequest request) {
        double predicted = old.trainer().isPresent()
                ? old.predicted()
                : costs.predict(request).orElse(0.0);
        return new Entry(
                request,
                old.trainer(),
                old.token(),
                old.since(),
                old.ends(),
                predicted,
                old.yields(),
                old.returns(),
                old.yieldsTo(),
                old.placement());
    }

    private static Entry yielding(Entry old, UpdateId urgent) {
        return new Entry(
                old.request(),
                old.trainer(),
                old.token(),
                old.since(),
                old.ends(),
                old.predicted(),
                old.yields(),
                old.returns(),
                Optional.of(urgent),
                old.placement());
    }

    /** The same queue when the deadlines are as near as they are then; of an earlier time, this one. */
    public SchedulerState at(Instant now) {
        if (!now.isAfter(clock)) {
            return this;
        }
        SchedulerBuilder next = new SchedulerBuilder(this);
        next.advance(now);
        return next.build();
    }

    private Entry existing(UpdateId id) {
        return find(id).orElseThrow(() -> new AssertionError("not in the queue: " + id));
    }

    public Optional<Entry> find(UpdateId id) {
        return Optional.ofNullable(entries.get(id));
    }

    /** Whether the request waits and is the next of its domain. */
    boolean isNext(Entry entry) {
        return entry.trainer().isEmpty()
                && entry.equals(entries.nextOf(entry.request().id().domain()));
    }

    /** Whether the request could begin as far as its domain and its conflict groups go. */
    boolean isFree(Entry entry) {
        return isNext(entry) && groups.holder(entry.request()).isEmpty();
    }

    /** Whether the trainer holds the lease now. */
    public boolean holds(String trainer, Lease lease) {
        return find(lease.update())
                .filter(entry -> entry.token() == lease.token())
                .flatMap(Entry::trainer)
                .filter(trainer::equals)
                .isPresent();
    }

    /** The lease that a trainer holds. */
    public Optional<Lease> leaseOf(String trainer) {
        return Optional.ofNullable(leases.get(trainer)).map(this::existing).map(SchedulerState::lease);
    }

    /** Those of the trainers that hold no lease. */
    public List<Placement.Trainer> idle(Collection<Placement.Trainer> trainers) {
        return trainers.stream()
                .filter(trainer -> !leases.containsKey(trainer.id()))
                .toList();
    }

    /** What runs, by trainer. */
    public List<Entry> held() {
        return running().toList();
    }

    Stream<Entry> running() {
        return leases.values().stream().map(this::existing);
    }

    static Lease lease(Entry entry) {
        return new Lease(entry.request().id(), entry.token());
    }

    public static SchedulerState fromSnapshot(SchedulerSnapshot snapshot) {
        return fromSnapshot(PriorityWeights.DEFAULT, snapshot);
    }

    static SchedulerState fromSnapshot(PriorityWeights weights, SchedulerSnapshot snapshot) {
        SchedulerBuilder state = new SchedulerBuilder(empty(weights).at(snapshot.clock()));
        state.restore(snapshot);
        return state.build();
    }

    public SchedulerSnapshot toSnapshot() {
        return new SchedulerSnapshot(
                lastToken,
                entries.values(),
                clock,
                usage.landmark(),
                usage.toSnapshot(),
                costs.toSnapshot(),
                uses.tokens());
    }
}
