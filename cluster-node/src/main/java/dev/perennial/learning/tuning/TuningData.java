package dev.perennial.learning.tuning;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.dataset.EncodedData;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * The batches of a data file: every unit once an epoch, the epoch's last batch the smaller one, in a fresh seeded order each.
 *
 * @param heldOut the same loss on the part that is not trained on
 * @param stepsAnEpoch as many batches as an epoch has
 */
public record TuningData(BatchSource source, Optional<ToDoubleFunction<Adapter>> heldOut, int stepsAnEpoch) {
    /**
     * @param parent what preferences are relative to; read only until this returns
     * @param beta how strongly the parent holds in preference losses
     * @param batchSize units a step, at least 1
     * @param progress of the parent's log-probabilities, where they are called for
     * @throws dev.perennial.learning.LearningException where the two parts are of different kinds, or too small
     */
    public static TuningData of(
            BaseModel base,
            Adapter parent,
            NamedData train,
            Optional<NamedData> heldOut,
            double beta,
            int batchSize,
            long seed,
            Consumer<TuningProgress> progress) {
        EncodedData data = train.data();
        if (data instanceof EncodedData.Sequences sequences) {
            return new TuningData(
                    batches(train, sequences.sequences(), batchSize, seed, LikelihoodBatch::new),
                    heldOut.map(part -> LikelihoodBatch.heldOut(base, (EncodedData.Sequences) part.data())),
                    stepsAnEpoch(sequences.sequences(), batchSize));
        }
        if (data instanceof EncodedData.Pairs pairs) {
            DirectPreference preference = new DirectPreference(base, beta);
            List<DirectPreference.Item> items = preference.items(parent, pairs.pairs(), progress);
            Optional<List<DirectPreference.Item>> others =
                    heldOut.map(part -> preference.items(parent, ((EncodedData.Pairs) part.data()).pairs(), progress));
            return new TuningData(
                    batches(train, items, batchSize, seed, preference::batch),
                    others.map(preference::heldOut),
                    stepsAnEpoch(items, batchSize));
        }
        if (data instanceof EncodedData.Judgements judgements) {
            KahnemanTversky preference = new KahnemanTversky(base, beta, 1, 1);
            List<KahnemanTversky.Item> items = preference.items(parent, judgements.judgements(), progress);
            Optional<List<KahnemanTversky.Item>> others = heldOut.map(
                    part -> preference.items(parent, ((EncodedData.Judgements) part.data()).judgements(), progress));
            return new TuningData(
                    batches(train, items, batchSize, seed, preference::batch),
                    others.map(preference::heldOut),
                    stepsAnEpoch(items, batchSize));
        }
        throw new AssertionError(data);
    }

    private record Unit<T>(T value, int row) {}

    /** Makes a batch of its units and its name. */
    private interface Maker<T> {
        TrainingBatch of(List<T> units, String name);
    }

    private static <T> BatchSource batches(NamedData data, List<T> values, int batchSize, long seed, Maker<T> maker) {
        List<Unit<T>> units = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            units.add(new Unit<>(values.get(i), data.row(i)));
        }
        Deck<Unit<T>> deck = new Deck<>(units, seed);
        return () -> {
            List<Unit<T>> drawn = deck.draw(batchSize);
            return maker.of(
                    drawn.stream().map(Unit::value).toList(),
                    NamedData.name(drawn.stream().map(Unit::row).toList(), data.file()));
        };
    }

    private static int stepsAnEpoch(List<?> units, int batchSize) {
        return (units.size() + batchSize - 1) / batchSize;
    }
}
