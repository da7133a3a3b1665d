package dev.perennial.learning.continual;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.LoraTraining.Constraints;
import dev.perennial.learning.MemoryPlan;
import dev.perennial.learning.Penalty;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.learning.tuning.Checkpoints;
import dev.perennial.learning.tuning.Deck;
import dev.perennial.learning.tuning.FineTuning;
import dev.perennial.learning.tuning.TuningProgress;
import dev.perennial.learning.tuning.TuningSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One update by a plan, from sequences to a trained adapter. The same base, plan, parent, data and seed give the same bytes.
 * Thread-safe; each run is for one thread.
 */
public final class ContinualUpdate {
    private final BaseModel base;
    private final ContinualPlan plan;

    public ContinualUpdate(BaseModel base, ContinualPlan plan) {
        this.base = base;
        this.plan = plan;
    }

    /**
     * What an update came to.
     *
     * @param adapter whoever gets it closes it
     * @param fisher of the adapter, for the next update; there where the plan is elastic
     * @param dataDigest SHA-256 over the ids of all sequences trained on, in training order, hex
     */
    public record Learned(
            Adapter adapter,
            Optional<Fisher> fisher,
            FineTuning.Result result,
            String dataDigest,
            Counts counts,
            SetAside setAside) {}

    /**
     * New examples that were not learned; there where the plan's selection is {@link ContinualPlan.Selection#GAP}.
     *
     * @param conflicts ids of those that answer one question differently, a list a question
     * @param outliers ids of those that nothing explains
     */
    public record SetAside(List<List<String>> conflicts, List<String> outliers) {
        public SetAside {
            conflicts = conflicts.stream().map(List::copyOf).toList();
            outliers = List.copyOf(outliers);
        }

        /** Of all of them. */
        public Set<String> ids() {
            Set<String> ids = new HashSet<>(outliers);
            conflicts.forEach(ids::addAll);
            return ids;
        }
    }

    /**
     * How many sequences were used as what.
     *
     * @param fresh learned as new
     * @param known new ones that the parent answered right already; where there is replay they are replayed
     * @param replayed earlier ones, and known ones
     * @param general of the base
     * @param neighbours of what is new
     */
    public record Counts(int fresh, int known, int replayed, int general, int neighbours) {}

    /**
     * @param parent whose adapter and answers are gone on from; empty for the bare base. It is not changed
     * @param parentFisher what the parent's own update came to, or an ancestor's; one of an adapter of another shape is left
     *     out. Without it an elastic plan holds what the base needs for what is general, where that is replayed and there is no
     *     parent
     * @param seed of all that is random
     * @param cancelled asked between two steps
     * @param checkpoints from which it goes on, and which it leaves; the result is the same
     * @throws LearningException where there is nothing to learn or the parent does not go with plan and base
     * @throws CancellationException where it was cancelled
     */
    public Learned run(
            Optional<Adapter> parent,
            Optional<Fisher> parentFisher,
            UpdateSet data,
            long seed,
            Consumer<TuningProgress> progress,
            BooleanSupplier cancelled,
            Optional<Checkpoints> checkpoints) {
        Optional<Fisher> importance = plan.elastic()
                .flatMap(elastic -> parentFisher)
                .filter(fisher -> parent.map(adapter -> fisher.values().fits(base, adapter))
                        .orElse(true))
                .or(() -> ofBase(parent, data, seed, cancelled));
        try (Adapter bare = Adapter.none(base);
                Begun begun = begin(parent, importance, seed)) {
            Adapter before = parent.orElse(bare);
            Adapter beginning = plan.fromBase() ? bare : before;
            Pools pools = neighbouring(Pools.of(base, plan, beginning, data), bare, before, data, seed, cancelled);
            Parts parts = Parts.of(base, plan, pools, data.choices(), beginning, bare, now -> {
                check(cancelled, "before its first step");
                progress.accept(now);
            });
            LoraTraining.Objective objective = new LoraTraining.Objective(
                    plan.training().documentWeight(),
                    plan.distillation().weight(),
                    plan.distillation().general());
            try (LoraTraining training = new LoraTraining(
                    base, begun.start(), before, objective, begun.constraints(), seed, MemoryPlan.automatic(base))) {
                Mixture mixture = new Mixture(plan, parts, pools.inOrder(), seed, cancelled);
                FineTuning.Result result = new FineTuning(
                                new TuningSettings(
                                        mixture.steps(),
                                        plan.training().learningRate(),
                                        plan.training().weightDecay()),
                                mixture,
                                Optional.empty(),
                                checkpoints,
                                progress)
                        .run(training);
                Optional<Fisher> fisher =
                        fisher(training.current(), importance, sequences(pools, data), seed, cancelled);
                return new Learned(
                        training.finish(), fisher, result, mixture.digest(), pools.counts(), pools.setAside());
            }
        }
    }

    /**
     * Before the first update what matters is what the base can do: the Fisher of a fresh adapter, which changes nothing yet, on
     * general items. As B is zero, B alone has gradients. Empty where the plan holds nothing or replays no general items.
     */
    private Optional<Fisher> ofBase(Optional<Adapter> parent, UpdateSet data, long seed, BooleanSupplier cancelled) {
        if (parent.isPresent()
                || plan.elastic().isEmpty()
                || plan.replay().generalShare() == 0
                || data.general().isEmpty()) {
            return Optional.empty();
        }
        List<Sequence> sample = new Deck<>(data.general(), seed + 5)
                .draw(Math.min(data.general().size(), plan.elastic().get().examples())).stream()
                        .map(Item::sequence)
                        .toList();
        try (Adapter fresh = Adapter.fresh(base, plan.training().lora(), seed)) {
            return Optional.of(
                    Fisher.estimate(base, fresh, sample, () -> check(cancelled, "while its Fisher was estimated")));
        }
    }

    private Pools neighbouring(
            Pools pools, Adapter bare, Adapter parent, UpdateSet data, long seed, BooleanSupplier cancelled) {
        return plan.replay().neighbours(plan.training().batchSize()) == 0
                ? pools
                : pools.with(Neighbours.of(base, bare, parent, pools.fresh(), data, seed + 7, cancelled));
    }

    /** As the other, without checkpoints. */
    public Learned run(
            Optional<Adapter> parent,
            Optional<Fisher> parentFisher,
            UpdateSet data,
            long seed,
            Consumer<TuningProgress> progress,
            BooleanSupplier cancelled) {
        return run(parent, parentFisher, data, seed, progress, cancelled, Optional.empty());
    }

    /** What training starts from and is held by, until it has ended. */
    private record Begun(Adapter start, boolean owned, Constraints constraints) implements AutoCloseable {
        @Override
        public void close() {
            constraints.penalties().forEach(Penalty::close);
            if (owned) {
                start.close();
            }
        }
    }

    private Begun begin(Optional<Adapter> parent, Optional<Fisher> parentFisher, long seed) {
        if (plan.fromBase() || parent.isEmpty()) {
            return held(Adapter.fresh(base, plan.training().lora(), seed), true, parentFisher);
        }
        if (plan.beginning() instanceof SequentialLora) {
            return held(parent.get(), false, parentFisher);
        }
        Stacking stacking = Stacking.of(base, parent.get(), plan.training().lora(), seed);
        List<Penalty> penalties = plan.orthogonality() > 0
                ? List.of(new OrthogonalPenalty(stacking.held(), plan.orthogonality()))
                : List.of();
        return new Begun(stacking.adapter(), true, new Constraints(penalties, stacking.held()));
    }

    private Begun held(Adapter start, boolean owned, Optional<Fisher> fisher) {
        if (plan.elastic().isEmpty() || fisher.isEmpty()) {
            return new Begun(start, owned, Constraints.NONE);
        }
        try {
            Penalty penalty = new ElasticPenalty(
                    base, start, fisher.get(), plan.elastic().get().lambda());
            return new Begun(start, owned, new Constraints(List.of(penalty), List.of()));
        } catch (RuntimeException e) {
            new Begun(start, owned, Constraints.NONE).close();
            throw e;
        }
    }

    private static void check(BooleanSupplier cancelled, String when) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("the update was cancelled " + when);
        }
    }

    /** All that is to be made likely or kept so. */
    private static List<Sequence> sequences(Pools pools, UpdateSet data) {
        return Stream.concat(
                        Stream.of(pools.fresh(), pools.earlier(), pools.general(), pools.neighbours())
                                .flatMap(List::stream)
                                .map(Item::sequence),
                        Parts.answers(data.choices()).stream())
                .toList();
    }

    /** On a seeded sample of all that was trained on. */
    private Optional<Fisher> fisher(
            Adapter adapter, Optional<Fisher> parentFisher, List<Sequence> all, long seed, BooleanSupplier cancelled) {
        return plan.elastic().map(elastic -> {
            List<Sequence> sample = new Deck<>(all, seed + 4).draw(elastic.examples());
            Fisher own =
                    Fisher.estimate(base, adapter, sample, () -> check(cancelled, "while its Fisher was estimated"));
            return parentFisher.map(before -> before.then(own, elastic.decay())).orElse(own);
        });
    }
}
