package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.tuning.ChoiceSuite;
import dev.perennial.protocols.Score;
import java.util.List;

/**
 * A suite that parent and candidate are asked.
 *
 * @param answers that are to be given, and documents
 * @param choices that are to be made; each counts as one token
 */
record Examination(BaseModel base, List<Sequence> answers, ChoiceSuite choices) {
    Score score(Adapter adapter) {
        Tally tally = new Tally();
        List<Scoring.Result> results = Scoring.score(base, adapter, answers);
        for (int i = 0; i < results.size(); i++) {
            tally.add(
                    results.get(i).logProbability(),
                    results.get(i).tokens(),
                    answers.get(i).judged(),
                    results.get(i).right());
        }
        for (ChoiceSuite.Result each : choices.score(adapter)) {
            tally.add(each.logProbability(), 1, each.judged(), each.right());
        }
        return tally.score();
    }

    /** Of one model. */
    private static final class Tally {
        private double logProbability;
        private long tokens;
        private int examples;
        private int judged;
        private int right;

        void add(double more, int learned, boolean canBeRight, boolean isRight) {
            logProbability += more;
            tokens += learned;
            examples++;
            judged += canBeRight ? 1 : 0;
            right += canBeRight && isRight ? 1 : 0;
        }

        Score score() {
            return new Score(
                    judged == 0 ? 0 : (double) right / judged,
                    tokens == 0 ? 0 : logProbability / tokens,
                    judged,
                    examples);
        }
    }
}
