package dev.perennial.simulations.bench;

import dev.perennial.learning.ModelShape;

/** Bytes that decoding must read from memory, all of them four-byte floats. */
final class Traffic {
    private static final int FLOAT = 4;

    private Traffic() {}

    /**
     * One token of one row: every weight once (of the embedding one row, unless it is the head too), its adapter, and keys and values of
     * the tokens before it.
     *
     * @param before tokens that are in the cache, on average
     */
    static double bytesPerToken(ModelShape shape, int rank, double before) {
        long weights = DecoderWeights.count(shape);
        if (!shape.tied()) {
            weights -= (long) shape.vocabulary() * shape.hidden();
        }
        double cache = 2.0 * shape.layers() * shape.kvHeads() * shape.headWidth() * before;
        return FLOAT * (weights + Flops.adapterWeights(shape, rank) + cache);
    }
}
