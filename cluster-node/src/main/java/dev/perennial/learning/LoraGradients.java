package dev.perennial.learning;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.perennial.learning.LoraTraining.Objective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The gradient of an adapter, added up over the micro-batches of a step, one script call each, as memory allows. */
final class LoraGradients {
    private final BaseModel base;
    private final Adapter adapter;
    private final double dropout;
    private final Adapter reference;
    private final Adapter bare;
    private final Objective objective;
    private final long seed;
    /** As many as the adapter's tensors, empty where those are. */
    private final NDList gradients = new NDList();

    private MemoryPlan plan;
    private int step;
    /** Which micro-batch of the step is at work. */
    private int part;

    /** @param manager of the gradients */
    LoraGradients(
            NDManager manager,
            BaseModel base,
            Adapter adapter,
            double dropout,
            Adapter reference,
            Adapter bare,
            Objective objective,
            long seed,
            MemoryPlan plan) {
        this.base = base;
        this.adapter = adapter;
        this.dropout = dropout;
        this.reference = reference;
        this.bare = bare;
        this.objective = objective;
        this.seed = seed;
        this.plan = plan;
        for (NDArray tensor : adapter.tensors()) {
            NDArray gradient = manager.zeros(tensor.getShape());
            gradient.setName("gradients[]");
            gradients.add(gradient);
        }
    }

    NDList arrays() {
        return gradients;
    }

    MemoryPlan plan() {
        return plan;
    }

    void plan(MemoryPlan other) {
        plan = other;
    }

    Work work(LossTerm term) {
        if (term instanceof LossTerm.Likelihood likelihood) {
            return new Likelihood(
                    likelihood.fresh(), likelihood.replayed(), likelihood.anchored(), likelihood.weight());
        }
        if (term instanceof LossTerm.Preferred preferred) {
            return new Preferred(preferred.preference(), preferred.sequences(), preferred.judged(), preferred.weight());
        }
        throw new AssertionError(term);
    }

    /** Their sum. */
    Work work(List<LossTerm> terms) {
        return terms.size() == 1
                ? work(terms.get(0))
                : new Mixed(terms.stream().map(this::work).toList());
    }

    /** The loss of a micro-batch or of several, and the log-probability of each of their sequences. */
    record Sums(double loss, List<Double> logProbabilities) {}

    /**
     * Adds a step's gradients to the arrays. Where memory runs out the step is begun again in smaller pieces, down to one
     * sequence at a time.
     */
    Sums accumulate(Work work, int stepsDone) {
        step = stepsDone;
        while (true) {
            try {
                return accumulate(work);
            } catch (EngineException | OutOfMemoryError e) {
                gradients.forEach(gradient -> gradient.muli(0));
                if (!DeviceMemory.ranOut(e) || !plan.canShrink(work.longest())) {
                    throw e;
                }
                plan = plan.halved();
            }
        }
    }

    private Sums accumulate(Work work) {
        double loss = 0;
        List<Double> logProbabilities = new ArrayList<>();
        List<Work> parts = work.parts(plan);
        for (part = 0; part < parts.size(); part++) {
            Sums sums = parts.get(part).call(work);
            loss += sums.loss();
            logProbabilities.addAll(sums.logProbabilities());
        }
        return new Sums(loss, logProbabilities);
    }

    /** The loss, then each gradient; the arrays are zero again. */
    List<float[]> values(Work work) {
        List<float[]> results = new ArrayList<>();
        results.add(new float[] {(float) accumulate(work).loss()});
        for (NDArray gradient : gradients) {
            if (gradient.getShape().size() > 0) {
                results.add(HostValues.of(gradient));
                gradient.muli(0);
            }
        }
        return results;
    }

    /** Sequences whose loss is one sum, and how it is cut into micro-batches. */
    interface Work {
        List<Sequence> sequences();

        /** Pieces that fit the plan. */
        List<Work> parts(MemoryPlan plan);

        /** Adds the gradients of this part of the whole; answers its part of the loss. */
        Sums call(Work whole);

        default int longest() {
            return sequences().stream().mapToInt(s -> s.ids().length).max().orElse(0);
        }
    }

    /** Weighted cross-entropy, and distillation on what is replayed or anchored. */
    private final class Likelihood implements Work {
        private final List<Sequence> fresh;
        private final List<Sequence> replayed;
        private final List<Sequence> anchored;
        private final double share;

        Likelihood(List<Sequence> fresh, List<Sequence> replayed, List<Sequence> anchored, double share) {
            this.fresh = fresh;
            this.replayed = replayed;
            this.anchored = anchored;
            this.share = share;
        }

        @Override
        public List<Sequence> sequences() {
            List<Sequence> all = new ArrayList<>(fresh);
            all.addAll(replayed);
            all.addAll(anchored);
            return all;
        }

        @Override
        public List<Work> parts(MemoryPlan memory) {
            List<Work> parts = new ArrayList<>();
            for (List<Sequence> part : memory.split(sequences(), 1)) {
                // The same object may be drawn twice, so parts are told apart by their place.
                int at = parts.stream().mapToInt(p -> p.sequences().size()).sum();
                int learned = Math.min(part.size(), Math.max(0, fresh.size() - at));
                int old = Math.min(part.size(), Math.max(0, fresh.size() + replayed.size() - at));
                parts.add(new Likelihood(
                        part.subList(0, learned), part.subList(learned, old), part.subList(old, part.size()), share));
            }
            return parts;
        }

        private double weight(Sequence sequence) {
            return sequence.judged() ? 1 : objective.documentWeight();
        }

        private double weight() {
            return sequences().stream()
                    .mapToDouble(s -> weight(s) * s.learned())
                    .sum();
        }

        @Override
        public Sums call(Work whole) {
            Likelihood all = (Likelihood) whole;
            double total = Math.max(1e-6, all.weight());
            Batch batch = Batch.of(sequences(), base.tokenizer().padToken());
            float[] slopes = new float[batch.targets().length];
            for (int n = 0; n < slopes.length; n++) {
                slopes[n] = (float) (-share * weight(sequences().get((int) batch.segments()[n])) / total);
            }
            float[] held = distillation(all.targets(all.replayed) + all.targets(all.anchored));
            try (NDManager scope = base.scope()) {
                NDArray states = held.length > 0
                        ? referenceStates(scope)
                        : scope.zeros(new Shape(0, base.shape().hidden()));
                return gradientCall(scope, batch, slopes, states, held, new float[] {0}, new float[][] {{0, 0}});
            }
        }

        private int targets(List<Sequence> of) {
            return of.stream().mapToInt(Sequence::learned).sum();
        }

        /** [held] weight of the divergence at each target at which another version's answers are kept to; empty where none weighs. */
        private float[] distillation(int heldInAll) {
            if (objective.distillation() == 0 && objective.anchoring() == 0) {
                return new float[0];
            }
            int earlier = targets(replayed);
            float[] weights = new float[earlier + targets(anchored)];
            Arrays.fill(weights, 0, earlier, (float) (share * objective.distillation() / heldInAll));
            Arrays.fill(weights, earlier, weights.length, (float) (share * objective.anchoring() / heldInAll));
            return weights;
        }

        /** [held, D] what the vocabulary head reads there: the reference's states, then the bare base's. */
        private NDArray referenceStates(NDManager scope) {
            if (anchored.isEmpty()) {
                return states(scope, reference, replayed);
            }
            NDArray ofBase = states(scope, bare, anchored);
            return replayed.isEmpty()
                    ? ofBase
                    : states(scope, reference, replayed).concat(ofBase);
        }

        private NDArray states(NDManager scope, Adapter teacher, List<Sequence> sequences) {
            NDList arguments = Batch.of(sequences, base.tokenizer().padToken()).input(scope);
            arguments.addAll(base.arguments(teacher));
            return base.script().infer("states", arguments).get(0);
        }
    }

    /** DPO or KTO. */
    private final class Preferred implements Work {
        private final Preference preference;
        private final List<Sequence> sequences;
        private final List<Preference.Judged> judged;
        private final double share;

        Preferred(Preference preference, List<Sequence> sequences, List<Preference.Judged> judged, double share) {
            if (sequences.size() != judged.size() || sequences.size() % preference.unit() != 0) {
                throw new LearningException("a preference step expects " + preference.unit()
                        + " sequences a unit and a judgement for each; got " + sequences.size() + " sequences and "
                        + judged.size() + " judgements");
            }
            this.preference = preference;
            this.sequences = sequences;
            this.judged = judged;
            this.share = share;
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
                parts.add(new Preferred(preference, part, judged.subList(at, at + part.size()), share));
                at += part.size();
            }
            return parts;
        }

        @Override
        public Sums call(Work whole) {
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
                        new float[0],
                        preference.forScript(units / share),
                        sums);
            }
        }
    }

    /** Several losses, one after the other; none of their sequences meet in a micro-batch. */
    private record Mixed(List<Work> works) implements Work {
        @Override
        public List<Sequence> sequences() {
            return works.stream().flatMap(work -> work.sequences().stream()).toList();
        }

        @Override
        public List<Work> parts(MemoryPlan plan) {
            return works.stream()
                    .flatMap(work -> work.parts(plan).stream().map(part -> (Work) new PartOf(part, work)))
                    .toList();
        }

        @Override
        public Sums call(Work whole) {
            throw new IllegalStateException("a mixed step is called by its parts");
        }
    }

    /** A part of one of several losses. */
    private record PartOf(Work part, Work loss) implements Work {
        @Override
        public List<Sequence> sequences() {
            return part.sequences();
        }

        @Override
        public List<Work> parts(MemoryPlan plan) {
            return List.of(this);
        }

        @Override
        public Sums call(Work whole) {
            return part.call(loss);
        }
    }

    private Sums gradientCall(
            NDManager scope,
            Batch batch,
            float[] slopes,
            NDArray referenceStates,
            float[] distillation,
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
        arguments.add(scope.create((float) dropout));
        arguments.add(scope.create(seed + 1_000_003L * step + 15_485_863L * part));
        arguments.add(scope.create((long) plan.keptLayers(batch.size())));
        arguments.addAll(base.arguments(adapter));
        arguments.addAll(gradients);
        NDList results = base.script().train("lora_gradients", arguments);
        double[] sums = new double[batch.sequences()];
        float[] each = results.get(1).toFloatArray();
        for (int n = 0; n < each.length; n++) {
            sums[(int) batch.segments()[n]] += each[n];
        }
        return new Sums(results.get(0).getFloat(), Arrays.stream(sums).boxed().toList());
    }
}
