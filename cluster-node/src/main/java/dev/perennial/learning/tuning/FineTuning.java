package dev.perennial.learning.tuning;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.DivergenceException;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.tuning.TrainingBatch.Rewards;
import dev.perennial.learning.tuning.TrainingBatch.Taken;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * Trains an adapter step by step: batches from a source, the rate by a schedule, the best adapter by a held-out part, an end
 * where that part gets no better, checkpoints, and a word about each step. The result depends on source, settings, start and
 * memory plan, and not on interruptions.
 */
public final class FineTuning {
    /** The final loss is the mean of the last tenth of the steps, and of no more than this. */
    private static final int LONGEST_TAIL = 1000;

    private final TuningSettings settings;
    private final BatchSource source;
    private final Optional<ToDoubleFunction<Adapter>> heldOut;
    private final Optional<Checkpoints> checkpoints;
    private final Consumer<TuningProgress> progress;

    /**
     * @param step steps done then
     * @param loss of the held-out part
     */
    public record Evaluation(int step, double loss) {}

    /**
     * What a training came to; its adapter is {@link LoraTraining#finish}'s.
     *
     * @param steps done, fewer than asked where it stopped early
     * @param bestStep steps after which the result was taken
     * @param tokens read, padding left out
     * @param firstLoss of the first step
     * @param finalLoss mean over the last tenth of the steps
     * @param heldOut each look at the held-out part, the first before any step; empty without one
     * @param seconds of training, looks at the held-out part and what was before an interruption included
     */
    public record Result(
            int steps,
            int bestStep,
            long tokens,
            double firstLoss,
            double finalLoss,
            List<Evaluation> heldOut,
            double seconds) {
        public Result {
            heldOut = List.copyOf(heldOut);
        }

        public double tokensPerSecond() {
            return tokens / Math.max(1e-9, seconds);
        }
    }

    /**
     * @param heldOut the loss of an adapter on data that is not trained on; without it the last adapter is the result
     * @param checkpoints without it an interrupted training is lost
     */
    public FineTuning(
            TuningSettings settings,
            BatchSource source,
            Optional<ToDoubleFunction<Adapter>> heldOut,
            Optional<Checkpoints> checkpoints,
            Consumer<TuningProgress> progress) {
        this.settings = settings;
        this.source = source;
        this.heldOut = heldOut;
        this.checkpoints = checkpoints;
        this.progress = progress;
    }

    /**
     * Trains from the checkpoint, where there is one, to the end.
     *
     * @param training without any step yet
     * @throws DivergenceException where loss or gradient is not finite or the loss runs away; it names the batch
     */
    public Result run(LoraTraining training) {
        Optional<TuningState> before = checkpoints.flatMap(at -> at.restore(training));
        TuningState state = before.orElseGet(TuningState::fresh);
        for (int step = 0; step < training.stepsDone(); step++) {
            source.next();
        }
        if (before.isEmpty()) {
            state = evaluate(training, state);
        }
        long began = System.nanoTime() - (long) (state.seconds() * 1e9);
        while (training.stepsDone() < settings.steps() && !exhausted(state)) {
            int step = training.stepsDone();
            LoraTraining.Stride stride = settings.stride(step);
            TrainingBatch batch = source.next();
            Taken taken = learn(training, batch, stride);
            int window = Math.max(1, Math.min(LONGEST_TAIL, settings.steps() / 10));
            state = state.after(taken.step().loss(), taken.step().tokens(), (System.nanoTime() - began) / 1e9, window);
            if (state.watch().ranAway()) {
                throw new DivergenceException(ranAway(step + 1, state)).of(batch.name());
            }
            if ((step + 1) % settings.evaluateEvery() == 0 || step + 1 == settings.steps()) {
                state = evaluate(training, state);
            }
            if (checkpoints.isPresent() && checkpoints.get().isDue(step + 1)) {
                checkpoints.get().save(training, state);
            }
            report(step + 1, taken.step().loss(), taken.rewards(), stride.rate(), state);
        }
        return result(training.stepsDone(), state);
    }

    private static Taken learn(LoraTraining training, TrainingBatch batch, LoraTraining.Stride stride) {
        try {
            return batch.learn(training, stride);
        } catch (DivergenceException e) {
            throw e.of(batch.name());
        }
    }

    private static String ranAway(int step, TuningState state) {
        return String.format(
                Locale.ROOT,
                "training diverged at step %d: the loss began at %.3f and is about %.3f; a smaller learning rate"
                        + " usually helps",
                step,
                state.watch().first(),
                state.watch().mean());
    }

    private boolean exhausted(TuningState state) {
        return settings.patience() > 0 && state.evaluationsSinceBest() >= settings.patience();
    }

    /** Looks at the held-out part, and sets the adapter aside where it is the best so far. */
    private TuningState evaluate(LoraTraining training, TuningState state) {
        if (heldOut.isEmpty()) {
            return state;
        }
        double loss = heldOut.get().applyAsDouble(training.current());
        TuningState after = state.after(new Evaluation(training.stepsDone(), loss));
        if (after.evaluationsSinceBest() == 0) {
            training.keep();
        }
        return after;
    }

    private void report(int done, double loss, Optional<Rewards> rewards, double rate, TuningState state) {
        OptionalDouble seen = state.lastHeldOut();
        progress.accept(new TuningProgress(
                TuningProgress.Phase.TRAINING,
                done,
                settings.steps(),
                loss,
                seen,
                state.tokens() / Math.max(1e-9, state.seconds()),
                state.seconds() / done * (settings.steps() - done),
                rate,
                rewards));
    }

    private static Result result(int steps, TuningState state) {
        int best = state.best();
        return new Result(
                steps,
                best < 0 ? steps : state.heldOut().get(best).step(),
                state.tokens(),
                state.watch().first(),
                state.tailMean(),
                state.heldOut(),
                state.seconds());
    }
}
