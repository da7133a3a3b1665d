package dev.perennial.learning.tuning;

import dev.perennial.learning.LearningException;
import dev.perennial.learning.LearningRate;
import dev.perennial.learning.LearningRate.Schedule;
import dev.perennial.learning.LoraTraining.Stride;

/**
 * How a training goes.
 *
 * @param steps at least 1
 * @param rate highest learning rate, above 0
 * @param warmUp share of the steps over which the rate rises, 0 to 1
 * @param weightDecay decoupled, at least 0
 * @param clip largest norm of a step's gradient, above 0
 * @param ratioOfB what the rate is multiplied with for the B matrices; 1 as usual, 16 for LoRA+ (Hayou et al. 2024)
 * @param evaluateEvery steps between two looks at the held-out part, at least 1
 * @param patience looks without improvement after which training ends; 0 to train to the end
 */
public record TuningSettings(
        int steps,
        double rate,
        Schedule schedule,
        double warmUp,
        double weightDecay,
        double clip,
        double ratioOfB,
        int evaluateEvery,
        int patience) {
    public TuningSettings {
        check(steps >= 1, "steps: expected at least 1", steps);
        check(rate > 0 && rate < Float.MAX_VALUE, "learning rate: expected a number above 0", rate);
        check(warmUp >= 0 && warmUp <= 1, "warm-up: expected a share from 0 to 1", warmUp);
        check(weightDecay >= 0 && weightDecay < 1, "weight decay: expected 0 to below 1", weightDecay);
        check(clip > 0, "clip: expected a norm above 0", clip);
        check(ratioOfB > 0 && ratioOfB < 1e6, "LoRA+ ratio: expected a number above 0", ratioOfB);
        check(evaluateEvery >= 1, "steps between evaluations: expected at least 1", evaluateEvery);
        check(patience >= 0, "patience: expected at least 0", patience);
    }

    /** A warm-up and a cosine, clipped at a norm of 1, no held-out part. */
    public TuningSettings(int steps, double rate, double weightDecay) {
        this(steps, rate, Schedule.COSINE, LearningRate.WARM_UP, weightDecay, 1, 1, 1, 0);
    }

    private static void check(boolean good, String expected, Number got) {
        if (!good) {
            throw new LearningException(expected + "; got " + got);
        }
    }

    /** @param step from 0 */
    Stride stride(int step) {
        return new Stride(LearningRate.at(step, steps, rate, warmUp, schedule), ratioOfB, weightDecay, clip);
    }
}
