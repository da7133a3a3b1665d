package dev.perennial.learning;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Trains one adapter. A step adds up the gradients of one or several micro-batches, as memory allows, one script call each,
 * and then moves the adapter with AdamW. With one seed, one thread count and one {@link MemoryPlan}, runs are bit-identical.
 *
 * <p>For one thread. Close it to free the optimiser's memory; the adapter lives on.
 */
public final class LoraTraining implements AutoCloseable {
    private static final double CLIP = 1.0;
    private static final double BETA2 = 0.999;

    private final BaseModel base;
    private final Adapter adapter;
    private final LoraSettings settings;
    private final Adapter reference;
    private final Objective objective;
    private final long seed;
    private final NDManager manager;
    private final AdamW optimiser;
    /** As many as the adapter's tensors, empty where those are. */
    private final NDList gradients = new NDList();

    private MemoryPlan plan;
    private int stepsDone;

    /**
     * What weighs in the loss of sequences.
     *
     * @param documentWeight weight of a token of a sequence that is not judged, 0 to 1; answers weigh 1
     * @param distillation weight of KL(reference || candidate) over the replayed sequences, at least 0
     */
    public record Objective(double documentWeight, double distillation) {
        /** Plain mean cross-entropy. */
        public static final Objective PLAIN = new Objective(1, 0);
    }

    /**
     * How far a step goes.
     *
     * @param rate learning rate
     * @param ratioOfB what the rate is multiplied with for the B matrices; 1 as usual, 16 for LoRA+ (Hayou et al. 2024)
     * @param weightDecay decoupled
     * @param clip largest norm of the gradient
     */
    public record Stride(double rate, double ratioOfB, double weightDecay, double clip) {
        public Stride(double rate, double weightDecay) {
            this(rate, 1, weightDecay, CLIP);
        }
    }

    /**
     * @param loss as the objective weighs it, nats
     * @param gradientNorm before clipping
     * @param tokens in the batch, padding left out
     */
    public record Step(double loss, double gradientNorm, long tokens) {}

    /** As the other, with the memory that this machine has. */
    public LoraTraining(BaseModel base, Adapter start, Adapter reference, Objective objective, long seed) {
        this(base, start, reference, objective, seed, MemoryPlan.automatic(base));
    }

    /**
     * @param start copied; training goes on from it
     * @param reference whose answers distillation keeps to; copied
     * @param seed of dropout
     */
    public LoraTraining(
            BaseModel base, Adapter start, Adapter reference, Objective objective, long seed, MemoryPlan plan) {
        this.base = base;
        this.settings = start.settings()
                .orElseThrow(
                        () -> new LearningException("the bare base has no adapter to train; start from a fresh one"));
        this.adapter = start.copy(base);
        this.reference = reference.copy(base);
        this.objective = objective;
        this.seed = seed;
        this.plan = plan;
        this.manager = base.scope();
        this.optimiser = new AdamW(manager, adapter.trainable());
        for (NDArray tensor : adapter.tensors()) {
            NDArray gradient = manager.zeros(tensor.getShape());
            gradient.setName("gradients[]");
            gradients.add(gradient);
        }
    }

    /** As {@link #step(List, List, Stride)} without LoRA+, clipped at a norm of 1. */
    public Step step(List<Sequence> fresh, List<Sequence> replayed, double learningRate, double weightDecay) {
        return step(fresh, replayed, new Stride(learningRate, weightDecay));
    }

    /**
     * One optimiser step.
     *
     * @param fresh new sequences
     * @param replayed earlier ones, which are also held to the reference's answers; at least one sequence in all
     * @throws DivergenceException where loss or gradient is not finite; the adapter keeps its last good values
     */
    public Step step(List<Sequence> fresh, List<Sequence> replayed, Stride stride) {
        return step(new Likelihood(fresh, replayed), stride);
    }

    /**
     * One optimiser step towards what is preferred.
     *
     * @param sequences for {@link Preference.Direct} chosen and rejected in turns
     * @param judged of each sequence, its summed log-probability under the parent, and whether it is desirable
     * @throws DivergenceException as {@link #step(List, List, Stride)}
     */
    public Step prefer(Preference preference, List<Sequence> sequences, List<Preference.Judged> judged, Stride stride) {
        return step(new Preferred(preference, sequences, judged), stride);
    }

    private Step step(Work work, Stride stride) {
        double loss = accumulateWithinMemory(work);
        double norm = update(stride);
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new DivergenceException(stepsDone + 1, loss, norm);
        }
        stepsDone++;
        return new Step(
                loss,
                norm,
                work.sequences().stream().mapToLong(s -> s.ids().length).sum());
    }

    /** Where memory runs out the step is begun again in smaller pieces, down to one sequence at a time. */
    private double accumulateWithinMemory(Work work) {
        while (true) {
            try {
                return accumulate(work);
            } catch (EngineException | OutOfMemoryError e) {
                boolean memory = e instanceof OutOfMemoryError
                        || String.valueOf(e.getMessage())
                                .toLowerCase(Locale.ROOT)
                                .matches("(?s).*(out of memory|allocate memory).*");
                gradients.forEach(gradient -> gradient.muli(0));
                if (!memory || !plan.canShrink(work.longest())) {
                    throw e;
                }
                plan = plan.halved();
            }
        }
    }

    private double accumulate(Work work) {
        double loss = 0;
        for (Work part : work.parts(plan)) {
            loss += part.call(work);
        }
        return loss;
    }

    private double update(Stride stride) {
        try (NDManager scope = base.scope()) {
            NDList arguments = new NDList(AdamW.hyper(
                    scope,
                    stride.rate(),
                    stride.rate() * stride.ratioOfB(),
                    stride.weightDecay(),
                    stride.clip(),
                    BETA2));
            arguments.addAll(new NDList(adapter.tensors()));
            arguments.addAll(gradients);
            arguments.addAll(optimiser.arguments());
            return base.script().infer("update", arguments).get(0).getFloat();
        }
    }

    /** The loss, then the gradient of each adapter tensor in the order of the tensors; nothing changes. */
    List<float[]> gradients(List<Sequence> fresh, List<Sequence> replayed) {
        return gradients(new Likelihood(fresh, replayed));
    }

    /** As {@link #gradients(List, List)}, of a preference. */
    List<float[]> gradients(Preference preference, List<Sequence> sequences, List<Preference.Judged> judged) {
        return gradients(new Preferred(preference, sequences, judged));
    }

    private List<float[]> gradients(Work work) {
        List<float[]> results = new ArrayList<>();
        results.add(new float[] {(float) accumulate(work)});
        for (NDArray gradient : gradients) {
            if (gradient.getShape().size() > 0) {
                results.add(gradient.toFloatArray());
                gradient.muli(0);
            }
        }
        return results;
    }

    /** Sequences whose loss is one sum, and how it is cut into micro-batches. */
    private interface Work {
        List<Sequence> sequences();

        /** Pieces that fit the plan. */
        List<Work> parts(MemoryPlan plan);

        /** Adds the gradients of this part of the whole; answers its part of the loss. */
        double call(Work whole);

        default int longest() {
            return sequences().stream().mapToInt(s -> s.ids().length).max().orElse(0);
        }
    }

    /** Weighted cross-entropy, and distillation on what is replayed. */
    private final class Likelihood implements Work {
        private final List<Sequence> fresh;
        private final List<Sequence> replayed;

        Likelihood(List<Sequence> fresh, List<Sequence> replayed) {
            this.fresh = fresh;
            this.replayed = replayed;
        }

        @Override
        public List<Sequence> sequences() {
            List<Sequence> all = new ArrayList<>(fresh);
            all.addAll(replayed);
            return all;
        }

        @Override
        public List<Work> parts(MemoryPlan memory) {
            List<Work> parts = new ArrayList<>();
            for (List<Sequence> part : memory.split(sequences(), 1)) {
                // The same object may be drawn twice, so parts are told apart by their place.
                int at = parts.stream().mapToInt(p -> p.sequences().size()).sum();
                int cut = Math.min(part.size(), Math.max(0, fresh.size() - at));
                parts.add(new Likelihood(part.subList(0, cut), part.subList(cut, part.size())));
            }
            return parts;
        }

        private double share(Sequence sequence) {
            return sequence.judged() ? 1 : objective.documentWeight();
        }

        private double weight() {
            return sequences().stream().mapToDouble(s -> share(s) * s.learned()).sum();
        }

        @Override
        public double call(Work whole) {
            Likelihood all = (Likelihood) whole;
            double total = Math.max(1e-6, all.weight());
            Batch batch = Batch.of(sequences(), base.tokenizer().padToken());
            float[] slopes = new float[batch.targets().length];
            for (int n = 0; n < slopes.length; n++) {
                slopes[n] = (float) (-share(sequences().get((int) batch.segments()[n])) / total);
            }
            int held = replayed.stream().mapToInt(Sequence::learned).sum();
            int heldInAll = all.replayed.stream().mapToInt(Sequence::learned).sum();
            try (NDManager scope = base.scope()) {
                boolean distils = objective.distillation() > 0 && held > 0;
                NDArray states = distils
                        ? referenceStates(scope)
                        : scope.zeros(new Shape(0, base.shape().hidden()));
                float distillation = distils ? (float) (objective.distillation() * held / heldInAll) : 0;
                return gradientCall(
                        scope, batch, slopes, states, distillation, new float[] {0}, new float[][] {{0, 0}});
            }
        }

        /** [held, D] what the reference's vocabulary head reads at the replayed targets. */
        private NDArray referenceStates(NDManager scope) {
            NDList arguments = Batch.of(replayed, base.tokenizer().padToken()).input(scope);
            arguments.addAll(base.arguments(reference));
            return base.script().infer("states", arguments).get(0);
        }
    }

    /** DPO or KTO. */
    private final class Preferred implements Work {
        private final Preference preference;
        private final List<Sequence> sequences;
        private final List<Preference.Judged> judged;

        Preferred(Preference preference, List<Sequence> sequences, List<Preference.Judged> judged) {
            if (sequences.size() != judged.size() || sequences.size() % preference.unit() != 0) {
                throw new LearningException("a preference step expects " + preference.unit()
                        + " sequences a unit and a judgement for each; got " + sequences.size() + " sequences and "
                        + judged.size() + " judgements");
            }
            this.preference = preference;
            this.sequences = sequences;
            this.judged = judged;
        }

        @Override
        public List<Sequence> sequences() {
            return sequences;
        }

        @Override
        public List<Work> parts(MemoryPlan memory) {
            List<Work> parts = new ArrayList<>();
            int at = 0;
            for (List<Sequence> part : memory.split(sequences, preference.unit())) {
                parts.add(new Preferred(preference, part, judged.subList(at, at + part.size())));
                at += part.size();
            }
            return parts;
        }

        @Override
        public double call(Work whole) {
            Batch batch = Batch.of(sequences, base.tokenizer().padToken());
            float[][] sums = new float[judged.size()][];
            for (int i = 0; i < sums.length; i++) {
                sums[i] = new float[] {
                    (float) judged.get(i).reference(), judged.get(i).desirable() ? 1 : 0
                };
            }
            double units = (double) whole.sequences().size() / preference.unit();
            try (NDManager scope = base.scope()) {
                return gradientCall(
                        scope,
                        batch,
                        new float[batch.targets().length],
                        scope.zeros(new Shape(0, base.shape().hidden())),
                        0,
                        preference.forScript(units),
                        sums);
            }
        }
    }

    private double gradientCall(
            NDManager scope,
            Batch batch,
            float[] slopes,
            NDArray referenceStates,
            float distillation,
            float[] preference,
            float[][] referenceSums) {
        NDList arguments = batch.input(scope);
        arguments.add(batch.targetsArray(scope));
        arguments.add(scope.create(slopes));
        arguments.add(referenceStates);
        arguments.add(scope.create(distillation));
        arguments.add(scope.create(preference));
        arguments.add(scope.create(batch.segments()));
        arguments.add(scope.create(referenceSums));
        arguments.add(scope.create((float) settings.dropout()));
        arguments.add(scope.create(seed + 1_000_003L * stepsDone));
        arguments.add(scope.create((long) plan.keptLayers(batch.size())));
        arguments.addAll(base.arguments(adapter));
        arguments.addAll(gradients);
        return base.script().train("lora_gradients", arguments).get(0).getFloat();
    }

    /** Steps done, those before a checkpoint included. */
    public int stepsDone() {
        return stepsDone;
    }

    /** Writes everything from which training goes on exactly as if it had not been interrupted. */
    public void save(Path file) {
        TrainingCheckpoint.write(file, adapter, optimiser, stepsDone);
    }

    /**
     * Takes up what {@link #save} wrote.
     *
     * @throws LearningException where the file is not of a training of this adapter's shape
     */
    public void restore(Path file) {
        stepsDone = TrainingCheckpoint.read(file, adapter, optimiser);
    }

    /** The adapter as trained so far, still being trained: copy, judge or save it before the next step. */
    public Adapter current() {
        return adapter;
    }

    /** The trained adapter, for good; training has ended. */
    public Adapter finish() {
        return adapter;
    }

    @Override
    public void close() {
        reference.close();
        manager.close();
    }
}
