package dev.perennial.learning.tuning;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.dataset.EncodedData.Choice;
import dev.perennial.learning.dataset.EncodedData.Judgement;
import dev.perennial.learning.dataset.EncodedData.Pair;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges adapters by preferences and labelled answers that they were not trained on. What an answer has gained on the parent,
 * beta (log p - log p_parent), is its reward (Rafailov et al. 2023, equation 5), so that the probability of a choice is the
 * sigmoid of the difference of two rewards, and that of a label the sigmoid of plus or minus one: 1/2 for the parent itself.
 * A pair is right where the chosen answer is the more probable one, whatever the parent finds.
 */
public final class ChoiceSuite {
    private final BaseModel base;
    private final double beta;
    private final List<Choice> choices;
    private final List<Sequence> sequences;
    private final List<Double> references;

    /**
     * @param logProbability of the choice or the label, nats, at most 0
     * @param judged whether there is a right and a wrong; there is none in whether an answer is wanted
     */
    public record Result(double logProbability, boolean judged, boolean right) {}

    /** @param parent read only until this returns */
    public ChoiceSuite(BaseModel base, double beta, Adapter parent, List<Choice> choices) {
        this.base = base;
        this.beta = beta;
        this.choices = List.copyOf(choices);
        this.sequences = new ArrayList<>();
        for (Choice choice : choices) {
            if (choice instanceof Pair pair) {
                sequences.addAll(List.of(pair.chosen(), pair.rejected()));
            } else if (choice instanceof Judgement judgement) {
                sequences.add(judgement.sequence());
            } else {
                throw new AssertionError(choice);
            }
        }
        this.references = AnswerScores.of(base, parent, sequences);
    }

    /** In the order of the choices. */
    public List<Result> score(Adapter adapter) {
        List<Double> now = AnswerScores.of(base, adapter, sequences);
        List<Result> results = new ArrayList<>();
        int at = 0;
        for (Choice choice : choices) {
            if (choice instanceof Judgement judgement) {
                double gain = now.get(at) - references.get(at);
                results.add(new Result(logSigmoid(beta * (judgement.desirable() ? gain : -gain)), false, false));
                at++;
            } else {
                double chosen = now.get(at) - references.get(at);
                double rejected = now.get(at + 1) - references.get(at + 1);
                results.add(new Result(logSigmoid(beta * (chosen - rejected)), true, now.get(at) > now.get(at + 1)));
                at += 2;
            }
        }
        return results;
    }

    /** -log(1 + exp(-x)) without overflow. */
    static double logSigmoid(double x) {
        return Math.min(0, x) - Math.log1p(Math.exp(-Math.abs(x)));
    }
}
