package dev.perennial.learning.tuning;

import dev.perennial.learning.LoraTraining;
import java.util.Optional;

/** What one step learns. */
public interface TrainingBatch {
    /** What messages call it, such as {@code rows 3, 17 and 40 of data.jsonl}. */
    String name();

    /** Takes the one optimiser step. */
    Taken learn(LoraTraining training, LoraTraining.Stride stride);

    /** A step that was taken. */
    record Taken(LoraTraining.Step step, Optional<Rewards> rewards) {}

    /**
     * How a candidate tells chosen from rejected answers, before the step.
     *
     * @param accuracy share of the pairs whose chosen answer has gained more on the parent than the rejected one
     * @param margin mean over the pairs of beta times that difference
     */
    record Rewards(double accuracy, double margin) {}
}
