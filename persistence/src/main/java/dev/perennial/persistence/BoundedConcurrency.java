package dev.perennial.persistence;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs an asynchronous step for each of many items, a bounded number at a time. Each lane takes the next item when its last
 * one is done. After a failure no further items are begun.
 */
public final class BoundedConcurrency {
    private BoundedConcurrency() {}

    /** The results in the order of {@code items}; fails, once nothing is under way any more, with a failure of a step. */
    public static <T, R> CompletionStage<List<R>> map(
            List<T> items, int limit, Function<? super T, ? extends CompletionStage<R>> step) {
        Run<T, R> run = new Run<>(List.copyOf(items), step);
        CompletableFuture<?>[] lanes = IntStream.range(0, Math.min(limit, items.size()))
                .mapToObj(lane -> run.startLane())
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(lanes).thenApply(done -> run.results());
    }

    private static final class Run<T, R> {
        private final List<T> items;
        private final Function<? super T, ? extends CompletionStage<R>> step;
        private final AtomicReferenceArray<R> results;
        private final AtomicInteger next = new AtomicInteger();
        private volatile boolean failed;

        Run(List<T> items, Function<? super T, ? extends CompletionStage<R>> step) {
            this.items = items;
            this.step = step;
            this.results = new AtomicReferenceArray<>(items.size());
        }

        CompletableFuture<Void> startLane() {
            CompletableFuture<Void> lane = new CompletableFuture<>();
            advance(lane);
            return lane;
        }

        List<R> results() {
            return IntStream.range(0, items.size()).mapToObj(results::get).toList();
        }

        /** A loop for steps that are done at once, which recursion would turn into a deep stack. */
        private void advance(CompletableFuture<Void> lane) {
            for (int index = next.getAndIncrement(); index < items.size() && !failed; index = next.getAndIncrement()) {
                CompletableFuture<R> result = begin(index);
                if (!result.isDone() || result.isCompletedExceptionally()) {
                    int current = index;
                    var unused = result.whenComplete((value, failure) -> finish(lane, current, value, failure));
                    return;
                }
                results.set(index, result.join());
            }
            lane.complete(null);
        }

        private void finish(CompletableFuture<Void> lane, int index, @Nullable R value, @Nullable Throwable failure) {
            if (failure == null) {
                results.set(index, value);
                advance(lane);
            } else {
                failed = true;
                lane.completeExceptionally(failure);
            }
        }

        private CompletableFuture<R> begin(int index) {
            try {
                return step.apply(items.get(index)).toCompletableFuture();
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }
}
