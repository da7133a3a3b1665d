package dev.perennial.learning.tuning;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.LossTerm;
import dev.perennial.learning.Preference;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.dataset.EncodedData.Pair;
import dev.perennial.learning.tuning.TrainingBatch.Rewards;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/** DPO (Rafailov et al. 2023, equation 7) on pairs whose log-probabilities under the parent are computed once. */
final class DirectPreference {
    private final BaseModel base;
    private final double beta;

    DirectPreference(BaseModel base, double beta) {
        this.base = base;
        this.beta = beta;
    }

    /** A pair, and its answers' log-probabilities under the parent, nats. */
    record Item(Pair pair, double chosen, double rejected) implements Lesson {}

    List<Item> items(Adapter parent, List<Pair> pairs, Consumer<TuningProgress> progress) {
        List<Double> references = AnswerScores.of(base, parent, inTurns(pairs), progress);
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            items.add(new Item(pairs.get(i), references.get(2 * i), references.get(2 * i + 1)));
        }
        return items;
    }

    /** Chosen and rejected, pair after pair. */
    private static List<Sequence> inTurns(List<Pair> pairs) {
        return pairs.stream()
                .flatMap(pair -> List.of(pair.chosen(), pair.rejected()).stream())
                .toList();
    }

    private static List<Sequence> sequences(List<Item> items) {
        return inTurns(items.stream().map(Item::pair).toList());
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
            return 2 * items.size();
        }

        @Override
        public LossTerm term(LoraTraining training, double weight) {
            List<Preference.Judged> judged = new ArrayList<>();
            for (Item item : items) {
                judged.add(new Preference.Judged(item.chosen(), true));
                judged.add(new Preference.Judged(item.rejected(), false));
            }
            return new LossTerm.Preferred(
                    weight, new Preference.Direct(beta, 0), DirectPreference.sequences(items), judged);
        }

        @Override
        public Optional<Rewards> rewards(List<Double> logProbabilities) {
            return Optional.of(DirectPreference.this.rewards(items, logProbabilities));
        }
    }

    /** Beta times how much more the chosen answer has gained on the parent than the rejected one. */
    private double margin(Item item, double chosen, double rejected) {
        return beta * ((chosen - item.chosen()) - (rejected - item.rejected()));
    }

    private Rewards rewards(List<Item> items, List<Double> logProbabilities) {
        double accuracy = 0;
        double sum = 0;
        for (int i = 0; i < items.size(); i++) {
            double margin = margin(items.get(i), logProbabilities.get(2 * i), logProbabilities.get(2 * i + 1));
            accuracy += margin > 0 ? 1 : 0;
            sum += margin;
        }
        return new Rewards(accuracy / items.size(), sum / items.size());
    }

    /** Mean over the pairs of -log sigmoid(margin). */
    ToDoubleFunction<Adapter> heldOut(List<Item> items) {
        return adapter -> {
            List<Double> now = AnswerScores.of(base, adapter, sequences(items));
            double sum = 0;
            for (int i = 0; i < items.size(); i++) {
                double margin = margin(items.get(i), now.get(2 * i), now.get(2 * i + 1));
                sum -= ChoiceSuite.logSigmoid(margin);
            }
            return sum / items.size();
        };
    }
}
