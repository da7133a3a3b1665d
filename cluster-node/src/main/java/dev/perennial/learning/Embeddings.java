package dev.perennial.learning;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;

/** Sequences as points: which are alike to a model. */
public final class Embeddings {
    private Embeddings() {}

    /**
     * [D] a sequence: the mean over its tokens of what the vocabulary head reads there, the last token left out, which predicts
     * nothing. Costs a forward pass without the head.
     *
     * @return in the order of the sequences
     */
    public static List<float[]> of(BaseModel base, Adapter adapter, List<Sequence> sequences) {
        float[][] all = new float[sequences.size()][];
        for (List<Integer> chosen : Scoring.batches(sequences)) {
            List<Sequence> read = chosen.stream()
                    .map(place -> new Sequence(sequences.get(place).ids(), 1, false))
                    .toList();
            Batch batch = Batch.of(read, base.tokenizer().padToken());
            try (NDManager scope = base.scope()) {
                NDList arguments = batch.input(scope);
                arguments.addAll(base.arguments(adapter));
                float[] states = base.one(
                                "to_float",
                                base.script().infer("states", arguments).get(0))
                        .toFloatArray();
                int width = base.shape().hidden();
                for (int place : chosen) {
                    all[place] = new float[width];
                }
                for (int n = 0; n < batch.rows().length; n++) {
                    int b = (int) batch.segments()[n];
                    float[] mean = all[chosen.get(b)];
                    int tokens = read.get(b).learned();
                    for (int d = 0; d < width; d++) {
                        mean[d] += states[n * width + d] / tokens;
                    }
                }
            }
        }
        return List.of(all);
    }
}
