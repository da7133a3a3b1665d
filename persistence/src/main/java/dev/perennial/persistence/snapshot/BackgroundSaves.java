package dev.perennial.persistence.snapshot;

import dev.perennial.persistence.Failures;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves for which nobody waits: an entity takes no command until its save is acknowledged, and that of a large one takes
 * seconds on a busy machine. One save of an entity runs at a time, and after it there is none for as long as it took; what is
 * to be saved meanwhile is left out, as the next snapshot holds it too. Thread-safe.
 */
final class BackgroundSaves {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundSaves.class);

    private final Timer timer;
    private final LongSupplier nanos;
    /** Each completes when its save has ended, however that is, and is here until the rest after it is over. */
    private final Map<String, CompletableFuture<Void>> last = new ConcurrentHashMap<>();

    /** Runs something later. */
    interface Timer {
        void in(Duration delay, Runnable task);
    }

    /** @param nanos the monotonic clock */
    BackgroundSaves(Timer timer, LongSupplier nanos) {
        this.timer = timer;
        this.nanos = nanos;
    }

    /** Begins this save, or leaves it out. One that fails is logged; nothing is lost by it, as events are never deleted. */
    void offer(String persistenceId, long sequenceNr, Supplier<CompletionStage<Void>> save) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        if (last.putIfAbsent(persistenceId, ended) != null) {
            LOG.debug("the snapshot of {} at sequence number {} is left out", persistenceId, sequenceNr);
            return;
        }
        long begun = nanos.getAsLong();
        CompletableFuture.completedStage(null).thenCompose(now -> save.get()).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn(
                        "the snapshot of {} at sequence number {} is not saved, until the next one more events are replayed: {}",
                        persistenceId,
                        sequenceNr,
                        String.valueOf(Failures.cause(failure)));
            }
            ended.complete(null);
            timer.in(Duration.ofNanos(nanos.getAsLong() - begun), () -> last.remove(persistenceId));
        });
    }

    /** Completes when those saves have ended that run now. */
    CompletionStage<Void> ended() {
        return CompletableFuture.allOf(last.values().toArray(CompletableFuture[]::new));
    }

    /** Takes this step when no save of the entity runs that was begun before. */
    CompletionStage<Void> afterwards(String persistenceId, Supplier<CompletionStage<Void>> step) {
        return last.getOrDefault(persistenceId, CompletableFuture.completedFuture(null))
                .thenCompose(ended -> step.get());
    }
}
