package dev.perennial.scheduler;

import dev.perennial.domain.Placement;
import dev.perennial.domain.SchedulerState;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerCommand.TrainerAlive;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.TrainerCommand;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * What the trainers' heartbeats said since this scheduler started. It is not journaled: every trainer says it again each
 * second. How long ago that was is told by a clock that nobody sets. Belongs to one scheduler and is used on its thread only.
 */
final class Trainers {
    /** Of the backoff, 2 s by default: 8.5 minutes at the longest. */
    private static final int MOST_DOUBLINGS = 8;

    private final LongSupplier nanos;
    private final Map<String, Seen> trainers = new HashMap<>();
    private final Map<Long, Long> renewed = new HashMap<>();
    private final Set<Long> taken = new HashSet<>();
    private final Map<String, Setback> setbacks = new HashMap<>();

    /**
     * @param failures that a trainer told of one after the other
     * @param last when the last of them was told
     * @param rest for how long it gets no lease from then on
     */
    private record Setback(int failures, long last, Duration rest) {}

    /**
     * @param at as people's clocks have it
     * @param last the same by the clock that nobody sets
     */
    private record Seen(TrainerAlive alive, boolean busy, Instant at, long last) {}

    /** @param nanos as of {@link System#nanoTime()} */
    Trainers(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** After a recovery every lease gets its full time again, since its trainer could not renew it in between. */
    void restart(List<Entry> held) {
        renewed.clear();
        taken.clear();
        held.forEach(entry -> renewed.put(entry.token(), nanos.getAsLong()));
    }

    void heard(TrainerAlive alive, Instant now) {
        trainers.put(alive.trainer(), new Seen(alive, alive.lease().isPresent(), now, nanos.getAsLong()));
    }

    /** The trainer works under the lease. */
    void renew(Lease lease) {
        renewed.put(lease.token(), nanos.getAsLong());
        taken.add(lease.token());
    }

    /** Whether the trainer has ever said that it works under the lease. */
    boolean hasTaken(Lease lease) {
        return taken.contains(lease.token());
    }

    void granted(String trainer, Lease lease) {
        renewed.put(lease.token(), nanos.getAsLong());
        tell(trainer, new TrainerCommand.Train(lease));
    }

    void finished(String trainer) {
        trainers.computeIfPresent(trainer, (id, seen) -> new Seen(seen.alive(), false, seen.at(), seen.last()));
    }

    /**
     * One whose updates fail one after the other may itself be at fault, and is the first to be idle again: it rests for twice as long
     * each time, or it would end every attempt of all that waits.
     */
    void ended(String trainer, boolean failed, Duration backoff) {
        finished(trainer);
        int failures = failed ? 1 + failures(trainer) : 0;
        if (failures == 0) {
            setbacks.remove(trainer);
            return;
        }
        Duration rest = backoff.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
        setbacks.put(trainer, new Setback(failures, nanos.getAsLong(), rest));
    }

    private int failures(String trainer) {
        return Optional.ofNullable(setbacks.get(trainer)).map(Setback::failures).orElse(0);
    }

    private boolean rests(String trainer) {
        return Optional.ofNullable(setbacks.get(trainer))
                .filter(setback -> since(setback.last()).compareTo(setback.rest()) < 0)
                .isPresent();
    }

    private Duration since(long then) {
        return Duration.ofNanos(nanos.getAsLong() - then);
    }

    /** One that misses heartbeats may have died: a lease for it would be an attempt lost. */
    private boolean takesMore(Seen seen, Duration heartbeat) {
        return !seen.alive().draining() && since(seen.last()).compareTo(heartbeat) <= 0;
    }

    void tell(String trainer, TrainerCommand command) {
        Optional.ofNullable(trainers.get(trainer))
                .ifPresent(seen -> seen.alive().replyTo().tell(command));
    }

    /** Trainers that could begin at once, or could if they held no lease. */
    List<Placement.Trainer> able(SchedulerState state, Duration heartbeat) {
        return trainers.values().stream()
                .filter(seen -> {
                    String trainer = seen.alive().trainer();
                    // One that is busy without a lease has still to stop.
                    return takesMore(seen, heartbeat)
                            && !rests(trainer)
                            && (!seen.busy() || state.leases().containsKey(trainer));
                })
                .map(seen -> new Placement.Trainer(
                        seen.alive().trainer(), seen.alive().capabilities()))
                .toList();
    }

    /** Forgets silent trainers and leases that are over. */
    void prune(SchedulerState state, Duration silence) {
        trainers.values().removeIf(seen -> since(seen.last()).compareTo(silence) > 0);
        setbacks.keySet().retainAll(trainers.keySet());
        Set<Long> held = state.held().stream().map(Entry::token).collect(Collectors.toSet());
        renewed.keySet().retainAll(held);
        taken.retainAll(held);
    }

    /** By token, for how long no trainer has shown that it works under the lease. */
    Map<Long, Duration> silences() {
        return renewed.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, lease -> since(lease.getValue())));
    }

    /** As the API shows them, without their leases. */
    List<QueueView.Trainer> shown() {
        return trainers.values().stream()
                .map(seen -> new QueueView.Trainer(
                        seen.alive().trainer(),
                        Optional.empty(),
                        Optional.empty(),
                        seen.at(),
                        seen.alive().draining(),
                        seen.alive().capabilities()))
                .toList();
    }
}
