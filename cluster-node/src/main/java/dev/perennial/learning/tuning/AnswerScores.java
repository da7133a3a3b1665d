package dev.perennial.learning.tuning;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Log-probabilities of answers, summed over their tokens, nats. */
final class AnswerScores {
    private static final int AT_ONCE = 64;

    private AnswerScores() {}

    /** Of each sequence, in their order. */
    static List<Double> of(BaseModel base, Adapter adapter, List<Sequence> sequences) {
        return Scoring.score(base, adapter, sequences).stream()
                .map(Scoring.Result::logProbability)
                .toList();
    }

    /** The same, with a word in between. */
    static List<Double> of(
            BaseModel base, Adapter adapter, List<Sequence> sequences, Consumer<TuningProgress> progress) {
        List<Double> all = new ArrayList<>();
        while (all.size() < sequences.size()) {
            int to = Math.min(sequences.size(), all.size() + AT_ONCE);
            all.addAll(of(base, adapter, sequences.subList(all.size(), to)));
            progress.accept(TuningProgress.reference(all.size(), sequences.size()));
        }
        return all;
    }
}
