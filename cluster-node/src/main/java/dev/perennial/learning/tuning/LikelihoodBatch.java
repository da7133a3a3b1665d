package dev.perennial.learning.tuning;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.dataset.EncodedData;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Sequences that are made likely.
 *
 * @param replayed earlier ones, which are also held to the reference's answers where the objective says so
 */
public record LikelihoodBatch(List<Sequence> fresh, List<Sequence> replayed, String name) implements TrainingBatch {
    LikelihoodBatch(List<Sequence> sequences, String name) {
        this(sequences, List.of(), name);
    }

    @Override
    public Taken learn(LoraTraining training, LoraTraining.Stride stride) {
        return new Taken(training.step(fresh, replayed, stride), Optional.empty());
    }

    /** Mean cross-entropy of the learned tokens, nats. */
    static ToDoubleFunction<Adapter> heldOut(BaseModel base, EncodedData.Sequences data) {
        return adapter -> {
            double logProbability = 0;
            for (Scoring.Result result : Scoring.score(base, adapter, data.sequences())) {
                logProbability += result.logProbability();
            }
            return -logProbability / data.report().learned();
        };
    }
}
