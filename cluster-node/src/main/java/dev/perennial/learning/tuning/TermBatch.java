package dev.perennial.learning.tuning;

import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.LossTerm;
import java.util.List;
import java.util.Optional;

/** A batch whose loss can be one term among others of a step's. */
interface TermBatch extends TrainingBatch {
    /** Sequences, pairs or judgements; the loss is the mean over them, or over their tokens. */
    int units();

    /** Sequences of the term, of which a unit may have several. */
    int sequences();

    /**
     * @param training as it is before the step
     * @param weight of the term
     */
    LossTerm term(LoraTraining training, double weight);

    /** @param logProbabilities of the term's sequences before the step, nats */
    default Optional<Rewards> rewards(List<Double> logProbabilities) {
        return Optional.empty();
    }

    @Override
    default Taken learn(LoraTraining training, LoraTraining.Stride stride) {
        LoraTraining.Step step = training.step(List.of(term(training, 1)), stride);
        return new Taken(step, rewards(step.logProbabilities()));
    }
}
