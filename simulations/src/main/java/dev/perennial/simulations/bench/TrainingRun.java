package dev.perennial.simulations.bench;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.MemoryPlan;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.learning.Sequence;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The training that the benchmark measures: a fresh adapter on all linear projections, plain cross-entropy. */
final class TrainingRun implements AutoCloseable {
    private static final double WEIGHT_DECAY = 0;

    private final BaseModel base;
    private final Adapter fresh;
    private final LoraTraining training;
    private final double learningRate;

    /** Whether activations are computed again in the backward pass instead of being kept. */
    enum Checkpointing {
        ON,
        OFF,
        AUTO
    }

    /**
     * @param rank R; alpha is twice that
     * @param learningRate the same in every step
     * @param memoryBudget bytes that activations may take, for {@link Checkpointing#AUTO}
     */
    record Options(int rank, double learningRate, Checkpointing checkpointing, OptionalLong memoryBudget, long seed) {}

    TrainingRun(BaseModel base, Options options) {
        this.base = base;
        this.learningRate = options.learningRate();
        LoraSettings settings = new LoraSettings(options.rank(), 2.0 * options.rank(), 0, List.of("all-linear"));
        this.fresh = Adapter.fresh(base, settings, options.seed());
        try (Adapter none = Adapter.none(base)) {
            this.training = new LoraTraining(
                    base, fresh, none, LoraTraining.Objective.PLAIN, options.seed(), plan(base, options));
        }
    }

    private static MemoryPlan plan(BaseModel base, Options options) {
        return switch (options.checkpointing()) {
            case ON -> MemoryPlan.keepingNone(base);
            case OFF -> MemoryPlan.keepingAll(base);
            case AUTO ->
                options.memoryBudget().isPresent()
                        ? MemoryPlan.of(base, options.memoryBudget().getAsLong())
                        : MemoryPlan.automatic(base);
        };
    }

    /** Writes the adapter that training begins with, as PEFT reads it. */
    void writeFresh(Path directory) {
        PeftDirectory.write(base, fresh, directory);
    }

    /** One optimiser step; the mean cross-entropy over the learned tokens before it, nats. */
    double step(List<Sequence> batch) {
        return training.step(batch, List.of(), learningRate, WEIGHT_DECAY).loss();
    }

    @Override
    public void close() {
        training.finish().close();
        training.close();
        fresh.close();
    }
}
