package dev.perennial.learning;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Judges a model on sequences by one forward pass each. An answer counts as right where every learned token is the most
 * probable one given those before it, which is exactly when greedy decoding writes that answer and ends.
 */
public final class Scoring {
    private static final int MOST_ROWS = 32;
    /** Of all rows of a batch together, unless one row alone has more. */
    private static final int MOST_TOKENS = 8192;

    private Scoring() {}

    /**
     * @param logProbability sum over the learned tokens, nats
     * @param right whether greedy decoding gives exactly the learned tokens
     */
    public record Result(double logProbability, int tokens, boolean right) {}

    /** Results in the order of the sequences. */
    public static List<Result> score(BaseModel base, Adapter adapter, List<Sequence> sequences) {
        List<Scores> scores = scores(base, adapter, sequences);
        return scores.stream().map(Scores::result).toList();
    }

    /** Log-probability of each learned token given those before it, nats; in the order of the sequences. */
    public static List<float[]> logProbabilities(BaseModel base, Adapter adapter, List<Sequence> sequences) {
        return scores(base, adapter, sequences).stream()
                .map(Scores::logProbabilities)
                .toList();
    }

    /** Of each learned token of one sequence. */
    private record Scores(float[] logProbabilities, float[] right) {
        Result result() {
            double sum = 0;
            boolean all = true;
            for (int t = 0; t < right.length; t++) {
                sum += logProbabilities[t];
                all &= right[t] > 0.5f;
            }
            return new Result(sum, right.length, all);
        }
    }

    private static List<Scores> scores(BaseModel base, Adapter adapter, List<Sequence> sequences) {
        Scores[] scores = new Scores[sequences.size()];
        for (List<Integer> chosen : batches(sequences)) {
            DeviceMemory.inPieces(
                    chosen,
                    places -> scoreBatch(
                            base, adapter, places.stream().map(sequences::get).toList(), places, scores));
        }
        return List.of(scores);
    }

    /** Places of the sequences, those of like length together: less padding. */
    static List<List<Integer>> batches(List<Sequence> sequences) {
        List<Integer> order = IntStream.range(0, sequences.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> sequences.get(i).ids().length))
                .toList();
        List<List<Integer>> batches = new ArrayList<>();
        int from = 0;
        while (from < order.size()) {
            int to = from + 1;
            // the last of a batch is its longest
            while (to < order.size()
                    && to - from < MOST_ROWS
                    && (to - from + 1L) * sequences.get(order.get(to)).ids().length <= MOST_TOKENS) {
                to++;
            }
            batches.add(order.subList(from, to));
            from = to;
        }
        return batches;
    }

    private static void scoreBatch(
            BaseModel base, Adapter adapter, List<Sequence> sequences, List<Integer> places, Scores[] all) {
        Batch batch = Batch.of(sequences, base.tokenizer().padToken());
        try (NDManager scope = base.scope()) {
            NDList arguments = batch.input(scope);
            arguments.add(batch.targetsArray(scope));
            arguments.addAll(base.arguments(adapter));
            NDList results = base.script().infer("score", arguments);
            float[] logProbabilities = results.get(0).toFloatArray();
            float[] right = results.get(1).toFloatArray();
            int n = 0;
            for (int b = 0; b < sequences.size(); b++) {
                int end = n + sequences.get(b).learned();
                all[places.get(b)] =
                        new Scores(Arrays.copyOfRange(logProbabilities, n, end), Arrays.copyOfRange(right, n, end));
                n = end;
            }
        }
    }
}
