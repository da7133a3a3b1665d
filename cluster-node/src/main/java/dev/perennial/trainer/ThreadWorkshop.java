package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Updates on threads of this process, one for each. A native call cannot be interrupted: a thread that hangs in one is left to
 * itself with all its memory, and after {@link #MOST_ABANDONED} of them this process begins no more.
 */
final class ThreadWorkshop implements Workshop {
    static final int MOST_ABANDONED = 2;

    private final BaseModel base;
    private final GeneralSuite general;
    private final Duration checkpointInterval;
    private final LongSupplier nanoTime;
    private final AtomicInteger hanging = new AtomicInteger();
    private final AtomicInteger begun = new AtomicInteger();

    ThreadWorkshop(BaseModel base, GeneralSuite general, Duration checkpointInterval, LongSupplier nanoTime) {
        this.base = base;
        this.general = general;
        this.checkpointInterval = checkpointInterval;
        this.nanoTime = nanoTime;
    }

    @Override
    public boolean isUsable() {
        return hanging.get() < MOST_ABANDONED;
    }

    @Override
    public Running begin(Work work, Listener listener) {
        ThreadRun run = new ThreadRun(work, listener);
        BackgroundThread.start("perennial-training-" + begun.incrementAndGet(), run);
        return run;
    }

    private final class ThreadRun implements Running, Runnable {
        private final Work work;
        private final UpdateControl control;
        private final CompletableFuture<Trained> result = new CompletableFuture<>();
        private boolean over;
        private boolean abandoned;

        ThreadRun(Work work, Listener listener) {
            this.work = work;
            this.control = new UpdateControl(listener, checkpointInterval, nanoTime);
        }

        @Override
        public void run() {
            try {
                UpdateRun.Outcome outcome = control.run(base, general, work);
                Trained trained = new Trained(outcome.adapter(), outcome.fisher(), UpdateControl.draft(outcome));
                if (!result.complete(trained)) {
                    outcome.adapter().close();
                }
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            } finally {
                work.parent().ifPresent(Adapter::close);
                ended();
            }
        }

        private synchronized void ended() {
            over = true;
            if (abandoned) {
                hanging.decrementAndGet();
            }
        }

        @Override
        public void abandon(String reason) {
            control.cancel();
            leave();
            result.completeExceptionally(new LearningException(reason));
        }

        private synchronized void leave() {
            if (!over && !abandoned) {
                abandoned = true;
                hanging.incrementAndGet();
            }
        }

        @Override
        public CompletionStage<Trained> result() {
            return result;
        }

        @Override
        public void pause() {
            control.pause();
        }

        @Override
        public void cancel() {
            control.cancel();
        }

        @Override
        public Duration silence() {
            return control.silence();
        }
    }
}
