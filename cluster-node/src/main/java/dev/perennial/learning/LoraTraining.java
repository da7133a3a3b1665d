package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains one adapter: each {@link #step} is one script call that computes the loss over the learned tokens, its
 * gradients and an AdamW update in place. With one seed and one thread count, runs are bit-identical.
 *
 * <p>For one thread. Close it to free the optimiser's memory; the adapter lives on.
 */
public final class LoraTraining implements AutoCloseable {
    private static final double CLIP = 1.0;
    private static final double BETA2 = 0.999;

    private final BaseModel base;
    private final Adapter adapter;
    private final LoraSettings settings;
    private final Objective objective;
    private final long seed;
    private final NDManager manager;
    private final AdamW optimiser;
    /** The script's reference tensors, their scale, and the weight of distillation. */
    private final NDList teacher;

    private int stepsDone;

    /**
     * What weighs in the loss.
     *
     * @param documentWeight weight of a token of a sequence that is not judged, 0 to 1; answers weigh 1
     * @param distillation weight of KL(reference || candidate) over the replayed sequences, at least 0
     */
    public record Objective(double documentWeight, double distillation) {
        /** Plain mean cross-entropy. */
        public static final Objective PLAIN = new Objective(1, 0);
    }

    /**
     * @param loss as the objective weighs it, nats
     * @param gradientNorm before clipping
     * @param tokens in the batch, padding left out
     */
    public record Step(double loss, double gradientNorm, long tokens) {}

    /**
     * @param start copied; training goes on from it
     * @param reference whose answers distillation keeps to; copied
     * @param seed of dropout
     */
    public LoraTraining(BaseModel base, Adapter start, Adapter reference, Objective objective, long seed) {
        this.base = base;
        this.settings = start.settings()
                .orElseThrow(
                        () -> new LearningException("the bare base has no adapter to train; start from a fresh one"));
        this.adapter = start.copy(base);
        this.adapter.trainable().forEach(tensor -> tensor.setRequiresGradient(true));
        this.objective = objective;
        this.seed = seed;
        this.manager = base.scope();
        this.optimiser = new AdamW(manager, adapter.trainable());
        this.teacher = new NDList(reference.copies(manager, "reference[]"));
        NDArray scale = reference.scale().duplicate();
        scale.attach(manager);
        this.teacher.add(scale);
        this.teacher.add(manager.create((float) objective.distillation()));
    }

    /**
     * One optimiser step.
     *
     * @param fresh new sequences
     * @param replayed earlier ones, which are also held to the reference's answers; at least one sequence in all
     * @throws LearningException where loss or gradient is not finite; the adapter keeps its last good values
     */
    public Step step(List<Sequence> fresh, List<Sequence> replayed, double learningRate, double weightDecay) {
        Batch batch = batch(fresh, replayed);
        try (NDManager scope = base.scope()) {
            NDList arguments = lossArguments(scope, batch, fresh, replayed);
            arguments.add(AdamW.hyper(scope, learningRate, weightDecay, CLIP, BETA2));
            arguments.addAll(base.arguments(adapter));
            arguments.addAll(teacher);
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

    /** The loss, then the gradient of each adapter tensor in the order of the tensors; nothing changes. */
    List<float[]> gradients(List<Sequence> fresh, List<Sequence> replayed) {
        Batch batch = batch(fresh, replayed);
        try (NDManager scope = base.scope()) {
            NDList arguments = lossArguments(scope, batch, fresh, replayed);
            arguments.addAll(base.arguments(adapter));
            arguments.addAll(teacher);
            return base.script().train("lora_gradients", arguments).stream()
                    .map(NDArray::toFloatArray)
                    .toList();
        }
    }

    private Batch batch(List<Sequence> fresh, List<Sequence> replayed) {
        List<Sequence> all = new ArrayList<>(fresh);
        all.addAll(replayed);
        return Batch.of(all, base.tokenizer().padToken());
    }

    private NDList lossArguments(NDManager scope, Batch batch, List<Sequence> fresh, List<Sequence> replayed) {
        float[] shares = new float[batch.targets().length];
        int n = 0;
        for (List<Sequence> part : List.of(fresh, replayed)) {
            for (Sequence sequence : part) {
                float share = sequence.judged() ? 1f : (float) objective.documentWeight();
                for (int t = 0; t < sequence.learned(); t++) {
                    shares[n++] = share;
                }
            }
        }
        long freshTargets = fresh.stream().mapToInt(Sequence::learned).sum();
        return new NDList(
                batch.idsArray(scope),
                batch.rowsArray(scope),
                batch.targetsArray(scope),
                scope.create(shares),
                scope.create(new long[] {fresh.size(), freshTargets}),
                scope.create((float) settings.dropout()),
                scope.create(seed + 1_000_003L * stepsDone));
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
