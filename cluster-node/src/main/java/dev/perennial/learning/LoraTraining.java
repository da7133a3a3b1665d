package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * Trains one adapter: each {@link #step} is one script call that computes the mean cross-entropy over the learned tokens,
 * its gradients and an AdamW update in place. With one seed and one thread count, runs are bit-identical.
 *
 * <p>For one thread. Close it to free the optimiser's memory; the adapter lives on.
 */
public final class LoraTraining implements AutoCloseable {
    private static final double CLIP = 1.0;
    private static final double BETA2 = 0.999;

    private final BaseModel base;
    private final Adapter adapter;
    private final LoraSettings settings;
    private final long seed;
    private final NDManager manager;
    private final AdamW optimiser;
    private int stepsDone;

    /**
     * @param loss mean cross-entropy over the learned tokens, nats
     * @param gradientNorm before clipping
     * @param tokens in the batch, padding left out
     */
    public record Step(double loss, double gradientNorm, long tokens) {}

    /**
     * @param start copied; training goes on from it
     * @param seed of dropout
     */
    public LoraTraining(BaseModel base, Adapter start, long seed) {
        this.base = base;
        this.settings = start.settings()
                .orElseThrow(
                        () -> new LearningException("the bare base has no adapter to train; start from a fresh one"));
        this.adapter = start.copy(base);
        this.adapter.trainable().forEach(tensor -> tensor.setRequiresGradient(true));
        this.seed = seed;
        this.manager = base.scope();
        this.optimiser = new AdamW(manager, adapter.trainable());
    }

    /**
     * One optimiser step.
     *
     * @throws LearningException where loss or gradient is not finite; the adapter keeps its last good values
     */
    public Step step(List<Sequence> sequences, double learningRate, double weightDecay) {
        Batch batch = Batch.of(sequences, base.tokenizer().padToken());
        try (NDManager scope = base.scope()) {
            NDArray hyper = AdamW.hyper(scope, learningRate, weightDecay, CLIP, BETA2);
            NDList arguments = new NDList(
                    batch.idsArray(scope),
                    batch.rowsArray(scope),
                    batch.targetsArray(scope),
                    scope.create((float) settings.dropout()),
                    scope.create(seed + 1_000_003L * stepsDone),
                    hyper);
            arguments.addAll(base.arguments(adapter));
            arguments.addAll(optimiser.arguments());
            NDList results = base.script().train("lora_step", arguments);
            double loss = results.get(0).getFloat();
            double norm = results.get(1).getFloat();
            if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                throw new LearningException("training diverged at step " + (stepsDone + 1) + ": loss " + loss
                        + ", gradient norm " + norm + "; a smaller learning rate usually helps");
            }
            stepsDone++;
            return new Step(loss, norm, batch.tokens());
        }
    }

    /** The loss and the gradient of each adapter tensor, in the order of the tensors; nothing changes. For tests. */
    List<float[]> gradients(List<Sequence> sequences) {
        Batch batch = Batch.of(sequences, base.tokenizer().padToken());
        try (NDManager scope = base.scope()) {
            NDList arguments = new NDList(
                    batch.idsArray(scope),
                    batch.rowsArray(scope),
                    batch.targetsArray(scope),
                    scope.create((float) settings.dropout()),
                    scope.create(seed));
            arguments.addAll(base.arguments(adapter));
            return base.script().train("lora_gradients", arguments).stream()
                    .map(NDArray::toFloatArray)
                    .toList();
        }
    }

    /** The adapter as trained so far, still being trained: copy or save it before the next step. */
    Adapter current() {
        return adapter;
    }

    /** The trained adapter, for good; training has ended. */
    public Adapter finish() {
        adapter.trainable().forEach(tensor -> tensor.setRequiresGradient(false));
        return adapter;
    }

    @Override
    public void close() {
        manager.close();
    }
}
