package dev.perennial.learning;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
    private final Adapter reference;
    private final Adapter bare;
    private final NDManager manager;
    private final AdamW optimiser;
    private final LoraGradients gradients;
    private final Constraints constraints;

    private int stepsDone;
    private @Nullable Adapter kept;
    private boolean finished;

    /**
     * What weighs in the loss of sequences.
     *
     * @param documentWeight weight of a token of a sequence that is not judged, 0 to 1; answers weigh 1
     * @param distillation weight of KL(reference || candidate) at a replayed target, at least 0; the weighted divergences are
     *     averaged over the replayed and anchored targets together
     * @param anchoring weight of KL(base || candidate) at an anchored target, at least 0
     */
    public record Objective(double documentWeight, double distillation, double anchoring) {
        /** Plain mean cross-entropy. */
        public static final Objective PLAIN = new Objective(1, 0, 0);
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
     * What holds the adapter beside the data.
     *
     * @param penalties terms of the loss; whoever made them closes them after the training
     * @param held how many of the first ranks of each projection stay exactly as they are, rows of A and columns of B, in the
     *     order of {@link Adapter#places} but one for A and B together; empty where none do
     */
    public record Constraints(List<Penalty> penalties, List<Integer> held) {
        /** Nothing but the data. */
        public static final Constraints NONE = new Constraints(List.of(), List.of());

        public Constraints {
            penalties = List.copyOf(penalties);
            held = List.copyOf(held);
        }
    }

    /**
     * @param loss as the objective weighs it, penalties included, nats
     * @param gradientNorm before clipping
     * @param tokens in the batch, padding left out
     * @param logProbabilities of each sequence in its order, summed over its learned tokens, before the step, nats
     */
    public record Step(double loss, double gradientNorm, long tokens, List<Double> logProbabilities) {
        public Step {
            logProbabilities = List.copyOf(logProbabilities);
        }
    }

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
        this(base, start, reference, objective, Constraints.NONE, seed, plan);
    }

    /** As the other, within constraints. */
    public LoraTraining(
            BaseModel base,
            Adapter start,
            Adapter reference,
            Objective objective,
            Constraints constraints,
            long seed,
            MemoryPlan plan) {
        int projections = start.tensors().size() / 2;
        if (!constraints.held().isEmpty() && constraints.held().size() != projections) {
            throw new LearningException("held ranks are given for each of the base's " + projections
                    + " projections; got " + constraints.held().size());
        }
        this.base = base;
        this.constraints = constraints;
        LoraSettings settings = start.settings()
                .orElseThrow(
                        () -> new LearningException("the bare base has no adapter to train; start from a fresh one"));
        this.adapter = start.copy(base);
        this.reference = reference.copy(base);
        this.bare = Adapter.none(base);
        this.manager = base.scope();
        this.optimiser = new AdamW(manager, adapter.trainable());
        this.gradients = new LoraGradients(
                manager, base, adapter, settings.dropout(), this.reference, bare, objective, seed, plan);
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
        return step(List.of(new LossTerm.Likelihood(1, fresh, replayed)), stride);
    }

    /**
     * One optimiser step by the sum of several terms.
     *
     * @param terms at least one; the step's log-probabilities are of their sequences, term after term
     * @throws DivergenceException as {@link #step(List, List, Stride)}
     */
    public Step step(List<LossTerm> terms, Stride stride) {
        LoraGradients.Work work = gradients.work(terms);
        LoraGradients.Sums sums = gradients.accumulate(work, stepsDone);
        double loss = sums.loss() + penalties();
        double norm = update(stride);
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new DivergenceException(stepsDone + 1, loss, norm);
        }
        stepsDone++;
        return new Step(
                loss,
                norm,
                work.sequences().stream().mapToLong(s -> s.ids().length).sum(),
                sums.logProbabilities());
    }

    private double penalties() {
        double sum = 0;
        for (Penalty penalty : constraints.penalties()) {
            try (NDManager scope = base.scope()) {
                sum += penalty.add(
                        new Penalty.Parameters(base, scope, new NDList(adapter.tensors()), gradients.arrays()));
            }
        }
        return sum;
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
            arguments.add(scope.create(
                    constraints.held().stream().mapToLong(Integer::longValue).toArray()));
            arguments.addAll(new NDList(adapter.tensors()));
            arguments.addAll(gradients.arrays());
            arguments.addAll(optimiser.arguments());
            return base.script().infer("update", arguments).get(0).getFloat();
        }
    }

    /** The loss, then the gradient of each adapter tensor in the order of the tensors; nothing changes. */
    List<float[]> gradients(List<Sequence> fresh, List<Sequence> replayed) {
        return gradients(List.of(new LossTerm.Likelihood(1, fresh, replayed)));
    }

    /** As {@link #gradients(List, List)}, of a preference. */
    List<float[]> gradients(Preference preference, List<Sequence> sequences, List<Preference.Judged> judged) {
        return gradients(List.of(new LossTerm.Preferred(1, preference, sequences, judged)));
    }

    /** As {@link #gradients(List, List)}, of a sum of terms. */
    List<float[]> gradients(List<LossTerm> terms) {
        return gradients.values(gradients.work(terms));
    }

    /** Steps done, those before a checkpoint included. */
    public int stepsDone() {
        return stepsDone;
    }

    /**
     * Writes everything from which training goes on exactly as if it had not been interrupted, the memory plan included,
     * for other micro-batches sum in another order.
     *
     * @param notes what the caller wants back
     */
    public void save(Path file, Map<String, String> notes) {
        TrainingCheckpoint.write(
                file, adapter, optimiser, kept, new TrainingCheckpoint.Place(stepsDone, gradients.plan(), notes));
    }

    /**
     * Takes up what {@link #save} wrote.
     *
     * @return the notes
     * @throws LearningException where the file is not of a training of this adapter's shape
     */
    public Map<String, String> restore(Path file) {
        if (TrainingCheckpoint.hasKept(file)) {
            keep();
        }
        TrainingCheckpoint.Place place = TrainingCheckpoint.read(file, adapter, optimiser, kept, gradients.plan());
        stepsDone = place.steps();
        gradients.plan(place.plan());
        return place.notes();
    }

    /**
     * What the caller of {@link #save} wanted back.
     *
     * @throws LearningException where the file is no checkpoint
     */
    public static Map<String, String> notes(Path file) {
        return TrainingCheckpoint.notes(file);
    }

    /** The adapter as trained so far, still being trained: judge it before the next step. */
    public Adapter current() {
        return adapter;
    }

    /** Sets the adapter as trained so far aside as the result, in place of what was set aside before. */
    public void keep() {
        if (kept != null) {
            kept.close();
        }
        kept = adapter.copy(base);
    }

    /** What was set aside last, or the adapter as it is now; the caller closes it. Training has ended. */
    public Adapter finish() {
        finished = true;
        return kept == null ? adapter : kept;
    }

    @Override
    public void close() {
        if (!finished || kept != null) {
            adapter.close();
        }
        if (!finished && kept != null) {
            kept.close();
        }
        reference.close();
        bare.close();
        manager.close();
    }
}
