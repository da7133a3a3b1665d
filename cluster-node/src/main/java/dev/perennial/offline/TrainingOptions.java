package dev.perennial.offline;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.LearningRate.Schedule;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.MemoryPlan;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What {@code perennial train} is asked for.
 *
 * @param device as {@link dev.perennial.learning.TorchEngine#device} names them
 * @param lora of the fresh adapter; empty to go on from {@code parent}
 * @param parent directory of the adapter to go on from
 * @param steps in all; or else {@code epochs} times the data
 * @param batch rows, or pairs of answers, a step
 * @param rate empty for the method's usual one
 * @param maxLength tokens of a sequence; empty for the base's context, or 1024 where that is longer
 * @param method empty for what the data calls for
 * @param heldOut share of the rows that is not trained on
 * @param memoryBytes for activations; empty for half of what is free
 */
public record TrainingOptions(
        Path model,
        String device,
        Path data,
        Path out,
        long seed,
        Optional<LoraSettings> lora,
        Optional<Path> parent,
        OptionalInt steps,
        int epochs,
        int batch,
        OptionalDouble rate,
        double loraPlusRatio,
        double warmUp,
        Schedule schedule,
        double weightDecay,
        OptionalInt maxLength,
        Optional<String> method,
        double beta,
        double heldOut,
        int patience,
        int checkpointEvery,
        boolean resume,
        OptionalLong memoryBytes) {
    private static final int USUAL_LENGTH = 1024;
    private static final int MOST_STEPS = 10_000_000;

    public TrainingOptions {
        if (lora.isPresent() == parent.isPresent()) {
            throw new LearningException("expected the shape of a fresh adapter or an adapter to go on from; got "
                    + (lora.isPresent() ? "both" : "neither"));
        }
        atLeastOne("--epochs", epochs);
        atLeastOne("--batch", batch);
        atLeastOne("--checkpoint-every", checkpointEvery);
        if (!(beta > 0 && beta < 1e6)) {
            throw new LearningException("--beta: expected a number above 0; got " + beta);
        }
    }

    private static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new LearningException(option + ": expected at least 1; got " + value);
        }
    }

    int longest(BaseModel base) {
        return maxLength.orElse(Math.min(USUAL_LENGTH, base.shape().context()));
    }

    int steps(int stepsAnEpoch) {
        long all = steps.isPresent() ? steps.getAsInt() : (long) epochs * stepsAnEpoch;
        if (all < 1 || all > MOST_STEPS) {
            throw new LearningException("steps: expected 1 to " + MOST_STEPS + "; got " + all);
        }
        return (int) all;
    }

    MemoryPlan plan(BaseModel base) {
        return memoryBytes.isPresent() ? MemoryPlan.of(base, memoryBytes.getAsLong()) : MemoryPlan.automatic(base);
    }
}
