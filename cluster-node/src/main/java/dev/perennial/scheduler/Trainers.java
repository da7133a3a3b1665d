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
import java.util.stream.Collectors;

/**
 * What the trainers' heartbeats said since this scheduler started. It is not journaled: every trainer says it again each
 * second. Belongs to one scheduler and is used on its thread only.
 */
final class Trainers {
    /** Of the backoff, 2 s by default: 8.5 minutes at the longest. */
    private static final int MOST_DOUBLINGS = 8;

    private final Map<String, Seen> trainers = new HashMap<>();
    private final Map<Long, Instant> renewed = new HashMap<>();
    private final Set<Long> taken = new HashSet<>();
    private final Map<String, Setback> setbacks = new HashMap<>();

    /**
     * @param failures that a trainer told of one after the other
     * @param until when it gets no lease
     */
    private record Setback(int failures, Instant until) {}

    private record Seen(TrainerAlive alive, boolean busy, Instant at) {
        /** One that misses heartbeats may have died: a lease for it would be an attempt lost. */
        boolean takesMore(Duration heartbeat, Instant now) {
            return !alive.draining() && !at.plus(heartbeat).isBefore(now);
        }
    }

    /** After a recovery every lease gets its full time again, since its trainer could not renew it in between. */
    void restart(List<Entry> held, Instant now) {
        renewed.clear();
        taken.clear();
        held.forEach(entry -> renewed.put(entry.token(), now));
    }

    void heard(TrainerAlive alive, Instant now) {
        trainers.put(alive.trainer(), new Seen(alive, alive.lease().isPresent(), now));
    }

    /** The trainer works under the lease. */
    void renew(Lease lease, Instant now) {
        renewed.put(lease.token(), now);
        taken.add(lease.token());
    }

    /** Whether the trainer has ever said that it works under the lease. */
    boolean hasTaken(Lease lease) {
        return taken.contains(lease.token());
    }

    void granted(String trainer, Lease lease, Instant now) {
        renewed.put(lease.token(), now);
        tell(trainer, new TrainerCommand.Train(lease));
    }

    void finished(String trainer) {
        trainers.computeIfPresent(trainer, (id, seen) -> new Seen(seen.alive(), false, seen.at()));
    }

    /**
     * One whose updates fail one after the other may itself be at fault, and is the first to be idle again: it rests for twice as long
     * each time, or it would end every attempt of all that waits.
     */
    void ended(String trainer, boolean failed, Duration backoff, Instant now) {
        finished(trainer);
        int failures = failed ? 1 + failures(trainer) : 0;
        if (failures == 0) {
            setbacks.remove(trainer);
            return;
        }
        Duration rest = backoff.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
        setbacks.put(trainer, new Setback(failures, now.plus(rest)));
    }

    private int failures(String trainer) {
        return Optional.ofNullable(setbacks.get(trainer)).map(Setback::failures).orElse(0);
    }

    private boolean rests(String trainer, Instant now) {
        return Optional.ofNullable(setbacks.get(trainer))
                .filter(setback -> setback.until().isAfter(now))
                .isPresent();
    }

    void tell(String trainer, TrainerCommand command) {
        Optional.ofNullable(trainers.get(trainer))
                .ifPresent(seen -> seen.alive().replyTo().tell(command));
    }

    /** Trainers that could begin at once, or could if they held no lease. */
    List<Placement.Trainer> able(SchedulerState state, Duration heartbeat, Instant now) {
        return trainers.values().stream()
                .filter(seen -> {
                    String trainer = seen.alive().trainer();
                    // One that is busy without a lease has still to stop.
                    return seen.takesMore(heartbeat, now)
                            && !rests(trainer, now)
                            && (!seen.busy() || state.leases().containsKey(trainer));
                })
                .map(seen -> new Placement.Trainer(
                        seen.alive().trainer(), seen.alive().capabilities()))
                .toList();
    }

    /** Forgets silent trainers and leases that are over. */
    void prune(SchedulerState state, Duration silence, Instant now) {
        trainers.values().removeIf(seen -> Duration.between(seen.at(), now).compareTo(silence) > 0);
        setbacks.keySet().retainAll(trainers.keySet());
        Set<Long> held = state.held().stream().map(Entry::token).collect(Collectors.toSet());
        renewed.keySet().retainAll(held);
        taken.retainAll(held);
    }

    Map<Long, Instant> renewed() {
        return Map.copyOf(renewed);
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
