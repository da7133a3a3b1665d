package dev.perennial.domain;

import dev.perennial.protocols.Lease;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * The queue and the leases, as the scheduler's events say.
 *
 * @param lastToken the largest fencing token ever granted
 * @param entries by domain and number, so that the first of a domain is its oldest
 */
public record SchedulerState(long lastToken, TreePMap<UpdateId, Entry> entries) {
    private static final Comparator<UpdateId> ORDER =
            Comparator.comparing(UpdateId::domain).thenComparingInt(UpdateId::number);

    public static final SchedulerState EMPTY = new SchedulerState(0, TreePMap.empty(ORDER));

    public SchedulerState applyAll(List<? extends SchedulerEvent> events) {
        SchedulerState next = this;
        for (SchedulerEvent event : events) {
            next = next.apply(event);
        }
        return next;
    }

    public SchedulerState apply(SchedulerEvent event) {
        if (event instanceof SchedulerEvent.RequestQueued queued) {
            return with(new Entry(queued.request(), Optional.empty(), 0, queued.at(), List.of()));
        } else if (event instanceof SchedulerEvent.LeaseGranted granted) {
            Entry old = existing(granted.update());
            Entry held =
                    new Entry(old.request(), Optional.of(granted.trainer()), granted.token(), granted.at(), old.ends());
            return new SchedulerState(Math.max(lastToken, granted.token()), with(held).entries);
        } else if (event instanceof SchedulerEvent.LeaseEnded ended) {
            return with(released(existing(ended.update()), ended.reason(), ended.at()));
        } else if (event instanceof SchedulerEvent.RequestRemoved removed) {
            return new SchedulerState(lastToken, entries.minus(removed.update()));
        }
        throw new AssertionError(event);
    }

    private static Entry released(Entry old, String reason, Instant at) {
        return new Entry(
                old.request(),
                Optional.empty(),
                old.token(),
                at,
                TreePVector.from(old.ends()).plus(reason));
    }

    private SchedulerState with(Entry entry) {
        return new SchedulerState(lastToken, entries.plus(entry.request().id(), entry));
    }

    private Entry existing(UpdateId id) {
        return find(id).orElseThrow(() -> new AssertionError("not in the queue: " + id));
    }

    public Optional<Entry> find(UpdateId id) {
        return Optional.ofNullable(entries.get(id));
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
        return held().stream()
                .filter(entry -> entry.trainer().equals(Optional.of(trainer)))
                .map(SchedulerState::lease)
                .findFirst();
    }

    public List<Entry> held() {
        return entries.values().stream()
                .filter(entry -> entry.trainer().isPresent())
                .toList();
    }

    static Lease lease(Entry entry) {
        return new Lease(entry.request().id(), entry.token());
    }

    public static SchedulerState fromSnapshot(SchedulerSnapshot snapshot) {
        SchedulerState state = new SchedulerState(snapshot.lastToken(), EMPTY.entries);
        for (Entry entry : snapshot.entries()) {
            state = state.with(entry);
        }
        return state;
    }

    public SchedulerSnapshot toSnapshot() {
        return new SchedulerSnapshot(lastToken, List.copyOf(entries.values()));
    }
}
