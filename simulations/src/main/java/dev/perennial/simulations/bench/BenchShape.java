package dev.perennial.simulations.bench;

import dev.perennial.learning.LearningException;
import dev.perennial.learning.ModelShape;

/** The shapes that have a name. */
final class BenchShape {
    static final String TINY = "tiny";
    static final String SMOLLM2 = "smollm2-135m";

    private BenchShape() {}

    /** @throws LearningException for an unknown name */
    static ModelShape named(String name) {
        return switch (name) {
            case TINY -> ModelShape.llama(1536, 128, 384, 4, 4, 2, 32, 1e-5, 10_000, 2048, true);
            // config.json of HuggingFaceTB/SmolLM2-135M
            case SMOLLM2 -> ModelShape.llama(49_152, 576, 1536, 30, 9, 3, 64, 1e-5, 100_000, 8192, true);
            default ->
                throw new LearningException("expected --shape " + TINY + " or " + SMOLLM2 + "; got '" + name + "'");
        };
    }
}
