package dev.perennial.learning.tuning;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How far a training is.
 *
 * @param step done, of all; sequences in the phase {@link Phase#REFERENCE}
 * @param loss of this step, nats
 * @param heldOutLoss as last seen
 * @param rate of this step
 * @param rewards for preference pairs
 */
public record TuningProgress(
        Phase phase,
        int step,
        int steps,
        double loss,
        OptionalDouble heldOutLoss,
        double tokensPerSecond,
        double secondsLeft,
        double rate,
        Optional<TrainingBatch.Rewards> rewards) {
    /** What is being done. */
    public enum Phase {
        /** The parent's log-probabilities are computed, once. */
        REFERENCE,
        TRAINING
    }

    static TuningProgress reference(int done, int all) {
        return new TuningProgress(Phase.REFERENCE, done, all, 0, OptionalDouble.empty(), 0, 0, 0, Optional.empty());
    }
}
