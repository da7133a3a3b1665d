package dev.perennial.simulations.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.learning.ModelShape;
import org.junit.jupiter.api.Test;

/** Counts worked out by hand. */
class FlopsTest {
    /** V 10, D 4, MLP 8, 2 heads and 1 key/value head of width 2. */
    private static ModelShape toy(int layers, boolean tied) {
        return ModelShape.llama(10, 4, 8, layers, 2, 1, 2, 1e-5, 10_000, 16, tied);
    }

    @Test
    void countsAFirstLayerWithoutGradientsBelowIt() {
        // Rank 1. q 4x4, k and v 2x4 read the embedding: 2*(16+8+8) + 4*(4+4+4) + 6*(4+2+2) = 64 + 48 + 48 = 160.
        // o 4x4, gate and up 8x4, down 4x8: 4*(16+32+32+32) + 6*(4+4 + 4+8 + 4+8 + 8+4) = 448 + 264 = 712.
        // 2 rows of 3 tokens: 6 * 872 = 5232. Head, 2 learned tokens: 4*10*4*2 = 320.
        // Attention: 6 pairs a row, 12 * 2 heads * width 2 * 12 pairs = 576.
        assertEquals(5232 + 320 + 576, Flops.trainingStep(toy(1, true), 2, 3, 2, 1));
    }

    @Test
    void countsALaterLayerWithAllItsGradients() {
        // Beyond the first layer q, k and v are 4*32 + 6*(8+6+6) = 248; 248 + 712 = 960 a token, attention 576 again.
        double one = Flops.trainingStep(toy(1, true), 2, 3, 2, 1);
        assertEquals(6 * 960 + 576, Flops.trainingStep(toy(2, true), 2, 3, 2, 1) - one);
    }

    @Test
    void countsTheWeightsOfAnAdapter() {
        // q 8, k 6, v 6, o 8, gate 12, up 12, down 12
        assertEquals(64 * 3 * 2, Flops.adapterWeights(toy(2, true), 3));
    }

    @Test
    void readsAnEmbeddingOnlyWhereItIsTheHeadToo() {
        // A layer: q 16, k 8, v 8, o 16, MLP 96, norms 8 = 152; last norm 4; head 40. Adapter of rank 1: 64.
        // Keys and values: 2 * 2 numbers for each of 5 tokens.
        double expected = 4 * (152 + 4 + 40 + 64 + 20);
        assertEquals(expected, Traffic.bytesPerToken(toy(1, true), 1, 5));
        assertEquals(expected, Traffic.bytesPerToken(toy(1, false), 1, 5));
    }

    @Test
    void countsTheWeightsOfTheNamedShapes() {
        assertEquals(134_515_008, DecoderWeights.count(BenchShape.named(BenchShape.SMOLLM2)));
        // 1536 * 128 + 4 layers of 128*128*2 + 64*128*2 + 3*384*128 + 2*128, and the last norm
        assertEquals(984_192, DecoderWeights.count(BenchShape.named(BenchShape.TINY)));
    }
}
