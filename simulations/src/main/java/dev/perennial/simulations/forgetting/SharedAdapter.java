package dev.perennial.simulations.forgetting;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.continual.ContinualPlan;
import dev.perennial.learning.continual.ContinualUpdate;
import dev.perennial.learning.continual.ContinualUpdate.Learned;
import dev.perennial.learning.continual.Fisher;
import dev.perennial.learning.continual.UpdateSet;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.protocols.DomainPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One adapter that all updates change, as a domain's lineage is: the product's own update, with the product's own buffer. */
final class SharedAdapter implements Learner {
    private final BaseModel base;
    private final ContinualPlan plan;
    private final List<Item> general;
    private final long seed;
    private final Memory memory;
    private final int first;
    private final List<Item> everything = new ArrayList<>();
    private long seenBytes;
    private Optional<Adapter> adapter = Optional.empty();
    private Optional<Fisher> fisher = Optional.empty();

    /**
     * @param share of the data seen so far that is kept at most
     * @param general what is replayed of the base
     * @param first task that is learned: joint training that learns once waits for the last
     */
    SharedAdapter(
            BaseModel base,
            ContinualPlan plan,
            DomainPolicy policy,
            double share,
            List<Item> general,
            long seed,
            int first) {
        this.base = base;
        this.plan = plan;
        this.general = general;
        this.seed = seed;
        this.first = first;
        this.memory = new Memory(policy.replay(), share, seed);
    }

    @Override
    public void learn(int task, String name, List<Memory.Lesson> lessons) {
        List<Item> items = lessons.stream().map(Memory.Lesson::item).toList();
        seenBytes += lessons.stream().mapToLong(Memory.Lesson::bytes).sum();
        if (task < first) {
            everything.addAll(items);
            return;
        }
        long updateSeed = 1_000 * seed + task;
        List<Item> earlier = plan.joint() ? everything : memory.items(updateSeed);
        Learned learned = new ContinualUpdate(base, plan)
                .run(adapter, fisher, new UpdateSet(items, earlier, general), updateSeed, progress -> {}, () -> false);
        adapter.ifPresent(Adapter::close);
        adapter = Optional.of(learned.adapter());
        fisher = learned.fisher();
        if (plan.joint()) {
            everything.addAll(items);
        } else if (plan.replay().share() > 0) {
            Set<String> setAside = learned.setAside().ids();
            memory.learned(
                    task,
                    name,
                    lessons.stream()
                            .filter(lesson -> !setAside.contains(lesson.item().id()))
                            .toList());
        }
    }

    @Override
    public double accuracy(List<Question> questions) {
        if (adapter.isPresent()) {
            return Scores.accuracy(base, adapter.get(), questions);
        }
        try (Adapter none = Adapter.none(base)) {
            return Scores.accuracy(base, none, questions);
        }
    }

    @Override
    public Needs needs() {
        long parameters = adapter.map(this::parameters).orElse(0L);
        return new Needs(
                plan.joint() ? 1 : memory.largestShare(),
                trained(),
                Float.BYTES * parameters,
                fisher.isPresent() ? Float.BYTES * parameters : 0,
                plan.joint() ? seenBytes : memory.bytes());
    }

    private long parameters(Adapter of) {
        return Adapter.places(base.shape()).stream()
                .mapToLong(place -> of.values(place).length)
                .sum();
    }

    /** A stack trains its fresh part alone. */
    private long trained() {
        try (Adapter fresh = Adapter.fresh(base, plan.training().lora(), seed)) {
            return parameters(fresh);
        }
    }

    @Override
    public void close() {
        adapter.ifPresent(Adapter::close);
    }
}
