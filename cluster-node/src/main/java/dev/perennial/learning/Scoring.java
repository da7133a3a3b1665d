package dev.perennial.learning;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Judges a model on sequences by one forward pass each. An answer counts as right where every learned token is the most
 * probable one given those before it, which is exactly when greedy decoding writes that answer and ends.
 */
public final class Scoring {
    private static final int BATCH = 32;
    /** With padding. */
    private static final int BATCH_TOKENS = 1 << 13;

    private Scoring() {}

    /**
     * @param logProbability sum over the learned tokens, nats
     * @param right whether greedy decoding gives exactly the learned tokens
     */
    public record Result(double logProbability, int tokens, boolean right) {}

    /** Results in the order of the sequences. */
    public static List<Result> score(BaseModel base, Adapter adapter, List<Sequence> sequences) {
        // Sequences of like length together: less padding.
        List<Integer> order = IntStream.range(0, sequences.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> sequences.get(i).ids().length))
                .toList();
        Result[] results = new Result[sequences.size()];
        int from = 0;
        while (from < order.size()) {
            int to = from + 1;
            while (to < Math.min(order.size(), from + BATCH)
                    && (to + 1 - from) * sequences.get(order.get(to)).ids().length <= BATCH_TOKENS) {
                to++;
            }
            List<Integer> chosen = order.subList(from, to);
            scoreBatch(base, adapter, chosen.stream().map(sequences::get).toList(), chosen, results);
            from = to;
        }
        return new ArrayList<>(List.of(results));
    }

    private static void scoreBatch(
            BaseModel base, Adapter adapter, List<Sequence> sequences, List<Integer> places, Result[] results) {
        Batch batch = Batch.of(sequences, base.tokenizer().padToken());
        try (NDManager scope = base.scope()) {
            NDList arguments = batch.input(scope);
            arguments.add(batch.targetsArray(scope));
            arguments.addAll(base.arguments(adapter));
            NDList scores = base.script().infer("score", arguments);
            float[] logProbabilities = scores.get(0).toFloatArray();
            float[] right = scores.get(1).toFloatArray();
            int n = 0;
            for (int b = 0; b < sequences.size(); b++) {
                int learned = sequences.get(b).learned();
                double sum = 0;
                boolean all = true;
                for (int t = 0; t < learned; t++, n++) {
                    sum += logProbabilities[n];
                    all &= right[n] > 0.5f;
                }
                results[places.get(b)] = new Result(sum, learned, all);
            }
        }
    }
}
