package dev.perennial.simulations.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.perennial.learning.ModelShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * What this machine does at best now: the same library, process and number of threads as what is measured against it. Measured
 * afterwards, as its buffers would count as peak memory.
 */
final class Peaks {
    private static final int REPEATS = 9;
    private static final int WARM_UP = 2;
    /** [N, N] floats: 1 GiB, far more than any cache. */
    private static final long BUFFER_SIDE = 1 << 14;

    private Peaks() {}

    /**
     * Highest rate of fp32 matrix products, FLOP/s: the best shape's median of {@value #REPEATS} products. The shapes are
     * 1024 x 1024 x 1024, 2048 x 2048 x 2048 and those of the model's MLP and of its head, each with the right operand stored row by
     * row and, as linear layers have it, column by column.
     *
     * @param tokens rows of the model's products
     */
    static double matrixProducts(ModelShape shape, int tokens) {
        List<int[]> products = new ArrayList<>(List.of(
                new int[] {1024, 1024, 1024},
                new int[] {2048, 2048, 2048},
                new int[] {tokens, shape.hidden(), shape.intermediate()},
                new int[] {tokens, shape.intermediate(), shape.hidden()},
                new int[] {tokens, shape.hidden(), shape.vocabulary()}));
        double best = 0;
        for (int[] size : products) {
            double rate = productRate(size[0], size[1], size[2]);
            System.err.printf(
                    Locale.ROOT,
                    "peak: [%d, %d] x [%d, %d] %.1f GFLOP/s%n",
                    size[0],
                    size[1],
                    size[1],
                    size[2],
                    rate / 1e9);
            best = Math.max(best, rate);
        }
        return best;
    }

    private static double productRate(long n, long k, long m) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray left = manager.ones(new Shape(n, k));
            NDArray right = manager.ones(new Shape(k, m));
            NDArray transposed = manager.ones(new Shape(m, k)).transpose();
            double plain = Statistics.median(repeat(x -> x.matMul(right), left));
            double linear = Statistics.median(repeat(x -> x.matMul(transposed), left));
            return 2.0 * n * k * m / Math.min(plain, linear);
        }
    }

    /**
     * Highest rate of reading memory, bytes/s: the best of {@value #REPEATS} sums over 1 GiB and as many products of a 1 GiB matrix with
     * a vector.
     */
    static double memoryBandwidth() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray buffer = manager.ones(new Shape(BUFFER_SIDE, BUFFER_SIDE));
            NDArray vector = manager.ones(new Shape(BUFFER_SIDE));
            double bytes = 4.0 * BUFFER_SIDE * BUFFER_SIDE;
            double sum = bytes / Statistics.smallest(repeat(NDArray::sum, buffer));
            double product = bytes / Statistics.smallest(repeat(matrix -> matrix.matMul(vector), buffer));
            System.err.printf(
                    Locale.ROOT, "peak: sum %.1f GB/s, matrix x vector %.1f GB/s%n", sum / 1e9, product / 1e9);
            return Math.max(sum, product);
        }
    }

    /** Seconds of each repetition after the warm-up. */
    private static double[] repeat(Function<NDArray, NDArray> operation, NDArray operand) {
        double[] seconds = new double[REPEATS];
        for (int i = -WARM_UP; i < REPEATS; i++) {
            long began = System.nanoTime();
            operation.apply(operand).close();
            if (i >= 0) {
                seconds[i] = (System.nanoTime() - began) / 1e9;
            }
        }
        return seconds;
    }
}
