package dev.perennial.learning;

import java.util.List;
import java.util.SplittableRandom;

/** Adapters that change what a model says, as a fresh one does not. */
public final class RandomAdapters {
    private RandomAdapters() {}

    /** A and B uniform in ±1/sqrt(columns). */
    public static Adapter of(BaseModel base, int rank, List<String> targets, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return Adapter.build(base, new LoraSettings(rank, rank, 0, targets), (place, rows, columns) -> {
            float[] values = new float[rows * columns];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((2 * random.nextDouble() - 1) / Math.sqrt(columns));
            }
            return values;
        });
    }
}
