package dev.perennial.learning.tuning;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.LossTerm;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.dataset.EncodedData;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Sequences that are made likely.
 *
 * @param replayed earlier ones, which are also held to the reference's answers where the objective says so
 * @param anchored held to the bare base's
 */
record LikelihoodBatch(List<Sequence> fresh, List<Sequence> replayed, List<Sequence> anchored, String name)
        implements TermBatch {
    LikelihoodBatch(List<Sequence> sequences, String name) {
        this(sequences, List.of(), List.of(), name);
    }

    @Override
    public int units() {
        return fresh.size() + replayed.size() + anchored.size();
    }

    @Override
    public int sequences() {
        return units();
    }

    @Override
    public LossTerm term(LoraTraining training, double weight) {
        return new LossTerm.Likelihood(weight, fresh, replayed, anchored);
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
