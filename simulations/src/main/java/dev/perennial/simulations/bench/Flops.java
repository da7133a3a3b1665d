package dev.perennial.simulations.bench;

import dev.perennial.learning.ModelShape;
import dev.perennial.simulations.bench.DecoderWeights.Weight;

/**
 * Floating-point operations that a LoRA step on all linear projections needs; a multiplication and an addition are two. Matrix products
 * only: norms, rotations, activations and the optimiser are left out, and so is whatever is computed twice to save memory.
 */
final class Flops {
    private Flops() {}

    /**
     * One training step.
     *
     * <ul>
     *   <li>Frozen projections: 2 a weight and token forward, 2 backward for the gradient of the input; none backward for q, k and v of
     *       the first layer, as nothing below them learns.
     *   <li>LoRA: 2 forward, 2 for its own gradient, 2 for the gradient of the input (not for A of q, k and v of the first layer).
     *   <li>Head: 2 and 2, only for tokens that are learned.
     *   <li>Attention, causal: 4 H E for each pair of a token and one not after it forward, twice that backward.
     * </ul>
     *
     * @param rows sequences, each of {@code tokens} tokens
     * @param learned tokens that are learned, in all rows together
     * @param rank R of the adapter
     */
    static double trainingStep(ModelShape shape, long rows, long tokens, long learned, int rank) {
        double perToken = 0;
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (Weight weight : DecoderWeights.layer(shape, layer)) {
                if (weight.projection()) {
                    perToken += projection(weight, layer == 0 && readsTheEmbedding(weight), rank);
                }
            }
        }
        double head = 4.0 * shape.vocabulary() * shape.hidden() * learned;
        double pairs = rows * tokens * (tokens + 1) / 2.0;
        double attention = 3 * 4.0 * shape.heads() * shape.headWidth() * pairs * shape.layers();
        return perToken * rows * tokens + head + attention;
    }

    private static boolean readsTheEmbedding(Weight weight) {
        return weight.name().contains("q_proj")
                || weight.name().contains("k_proj")
                || weight.name().contains("v_proj");
    }

    private static double projection(Weight weight, boolean inputIsFixed, int rank) {
        long out = weight.dimensions().get(0);
        long in = weight.dimensions().get(1);
        double base = (inputIsFixed ? 2.0 : 4.0) * out * in;
        double down = (inputIsFixed ? 4.0 : 6.0) * rank * in;
        double up = 6.0 * out * rank;
        return base + down + up;
    }

    /** How many numbers an adapter of this rank on all linear projections holds. */
    static long adapterWeights(ModelShape shape, int rank) {
        return shape.layers()
                * DecoderWeights.layer(shape, 0).stream()
                        .filter(Weight::projection)
                        .mapToLong(weight -> rank
                                * (weight.dimensions().get(0)
                                        + weight.dimensions().get(1)))
                        .sum();
    }
}
