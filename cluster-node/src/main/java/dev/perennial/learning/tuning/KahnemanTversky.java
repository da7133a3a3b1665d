package dev.perennial.learning.tuning;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.DivergenceException;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.LossTerm;
import dev.perennial.learning.Preference;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.dataset.EncodedData.Judgement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * KTO (Ethayarajh et al. 2024, equation 8) on answers whose log-probabilities under the parent are computed once. The point
 * of reference is KL(candidate || parent), estimated for each batch on prompts with answers to other prompts, as TRL does:
 * the mean of log candidate - log parent, at least 0, which is not differentiated.
 */
final class KahnemanTversky {
    private final BaseModel base;
    private final double beta;
    private final double desirableWeight;
    private final double undesirableWeight;

    KahnemanTversky(BaseModel base, double beta, double desirableWeight, double undesirableWeight) {
        this.base = base;
        this.beta = beta;
        this.desirableWeight = desirableWeight;
        this.undesirableWeight = undesirableWeight;
    }

    /**
     * @param reference log-probability of the answer under the parent, nats
     * @param mismatched the prompt with the answer to another one
     * @param mismatchedReference that answer's log-probability under the parent, nats
     */
    record Item(Judgement judgement, double reference, Sequence mismatched, double mismatchedReference)
            implements Lesson {}

    List<Item> items(Adapter parent, List<Judgement> judgements, Consumer<TuningProgress> progress) {
        if (judgements.size() < 2) {
            throw new LearningException(
                    "kto needs answers to other prompts to compare with: expected at least 2 rows in"
                            + " each part; got " + judgements.size());
        }
        return items(parent, judgements, List.of(), progress);
    }

    /** @param others whose answers are to other prompts too; a judgement without any other stands for itself */
    List<Item> items(
            Adapter parent, List<Judgement> judgements, List<Sequence> others, Consumer<TuningProgress> progress) {
        List<Sequence> answers = new ArrayList<>(sequences(judgements));
        answers.addAll(others);
        List<Sequence> mismatched =
                Mismatched.of(answers, judgements.size(), base.shape().context());
        List<Sequence> all = new ArrayList<>(sequences(judgements));
        all.addAll(mismatched);
        List<Double> references = AnswerScores.of(base, parent, all, progress);
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < judgements.size(); i++) {
            items.add(new Item(
                    judgements.get(i), references.get(i), mismatched.get(i), references.get(judgements.size() + i)));
        }
        return items;
    }

    private static List<Sequence> sequences(List<Judgement> judgements) {
        return judgements.stream().map(Judgement::sequence).toList();
    }

    /** The KL estimate of a candidate on some items. */
    double point(Adapter candidate, List<Item> items) {
        List<Double> now = AnswerScores.of(
                base, candidate, items.stream().map(Item::mismatched).toList());
        double sum = 0;
        for (int i = 0; i < items.size(); i++) {
            sum += now.get(i) - items.get(i).mismatchedReference();
        }
        return Math.max(0, sum / items.size());
    }

    TermBatch batch(List<Item> items, String name) {
        return new Batch(items, name);
    }

    private final class Batch implements TermBatch {
        private final List<Item> items;
        private final String name;

        Batch(List<Item> items, String name) {
            this.items = items;
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int units() {
            return items.size();
        }

        @Override
        public int sequences() {
            return items.size();
        }

        @Override
        public LossTerm term(LoraTraining training, double weight) {
            double point = point(training.current(), items);
            if (!Double.isFinite(point)) {
                throw new DivergenceException(
                        "training diverged at step " + (training.stepsDone() + 1) + ": KL to the parent " + point);
            }
            Preference preference = new Preference.KahnemanTversky(beta, desirableWeight, undesirableWeight, point);
            List<Judgement> judgements = items.stream().map(Item::judgement).toList();
            List<Preference.Judged> judged = items.stream()
                    .map(item -> new Preference.Judged(
                            item.reference(), item.judgement().desirable()))
                    .toList();
            return new LossTerm.Preferred(weight, preference, KahnemanTversky.sequences(judgements), judged);
        }
    }

    /** Mean over the answers of weight (1 - sigmoid(±beta (log-ratio - point))). */
    ToDoubleFunction<Adapter> heldOut(List<Item> items) {
        return adapter -> {
            double point = point(adapter, items);
            List<Double> now = AnswerScores.of(
                    base, adapter, sequences(items.stream().map(Item::judgement).toList()));
            double sum = 0;
            for (int i = 0; i < items.size(); i++) {
                Item item = items.get(i);
                double gain = beta * (now.get(i) - item.reference() - point);
                boolean desirable = item.judgement().desirable();
                sum += (desirable ? desirableWeight : undesirableWeight) / (1 + Math.exp(desirable ? gain : -gain));
            }
            return sum / items.size();
        };
    }
}
