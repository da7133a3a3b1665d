package dev.perennial.domain;

import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.DomainSnapshot.Kept;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * A domain's replay buffer: what is kept of the examples that were offered, bounded in examples and in tokens. Which they are
 * follows from the seed, the policy and what was offered and taken out, in its order. There is no generator whose state would
 * have to be kept, so that recovery gives the same buffer. Immutable; every step costs O(log n) an example it touches.
 *
 * <p>The strategy {@code reservoir} is Algorithm R (Vitter 1985, "Random Sampling with a Reservoir"): once the buffer is full,
 * the n-th example takes a slot uniform over [0, n), where there is such a slot. Where examples differ in tokens, one that is
 * taken in may push out several, or none. An example that is taken out leaves room which the next ones fill. The other
 * strategies rank the examples: {@link Retention}.
 */
public final class ReplayBuffer {
    private final long seed;
    private final DomainPolicy.Replay policy;
    private final long offered;
    private final boolean full;
    private final PVector<Kept> kept;

    // What follows from those above.
    private final long tokens;
    private final TreePMap<String, Integer> slots;
    private final PromptIndex<String> prompts;
    private final Strata strata;

    private ReplayBuffer(
            long seed,
            DomainPolicy.Replay policy,
            long offered,
            boolean full,
            PVector<Kept> kept,
            long tokens,
            TreePMap<String, Integer> slots,
            PromptIndex<String> prompts,
            Strata strata) {
        this.seed = seed;
        this.policy = policy;
        this.offered = offered;
        this.full = full;
        this.kept = kept;
        this.tokens = tokens;
        this.slots = slots;
        this.prompts = prompts;
        this.strata = strata;
    }

    public static ReplayBuffer empty(long seed, DomainPolicy.Replay policy) {
        return new ReplayBuffer(
                seed, policy, 0, false, TreePVector.empty(), 0, TreePMap.empty(), PromptIndex.empty(), Strata.EMPTY);
    }

    /** As this one goes on under another policy: what no longer fits gives way, and what was let go does not come back. */
    public ReplayBuffer under(DomainPolicy.Replay other) {
        ReplayBuffer next = of(seed, other, toSnapshot());
        if (next.ranks()) {
            return next.trimmed();
        }
        for (int count = 0; next.isOver(); count++) {
            double unit = Mixing.unit(Mixing.draw(Mixing.draw(seed, offered), count));
            next = next.minus((int) (unit * next.size()));
        }
        return next;
    }

    static ReplayBuffer of(long seed, DomainPolicy.Replay policy, DomainSnapshot.Buffer snapshot) {
        ReplayBuffer buffer = empty(seed, policy);
        for (Kept each : snapshot.kept()) {
            buffer = buffer.plus(each);
        }
        return buffer.seen(snapshot.offered(), snapshot.full());
    }

    DomainSnapshot.Buffer toSnapshot() {
        return new DomainSnapshot.Buffer(offered, full, kept);
    }

    /** What is kept, by slot. */
    public List<Kept> kept() {
        return kept;
    }

    /** Ids of what is kept, by slot. */
    public List<String> ids() {
        return kept.stream().map(ReplayBuffer::id).toList();
    }

    public int size() {
        return kept.size();
    }

    /** Of all that is kept. */
    public long tokens() {
        return tokens;
    }

    /** Takes an example in, or not; one that is kept already stays as it is. */
    public ReplayBuffer offer(Kept example) {
        if (slots.containsKey(example.example().id())) {
            return this;
        }
        if (policy.capacity() < 1 || example.tokens() > mostTokens()) {
            return seen(offered + 1, full);
        }
        return ranks() ? seen(offered + 1, full).plus(example).trimmed() : drawn(example);
    }

    /** Algorithm R: until the first example that does not fit all are taken, and then the n-th at a chance of size / n. */
    private ReplayBuffer drawn(Kept example) {
        boolean fits = kept.size() < policy.capacity() && tokens + example.tokens() <= mostTokens();
        ReplayBuffer next = seen(offered + 1, full || !fits);
        if (!next.full) {
            return next.plus(example);
        }
        long slot = (long) (Mixing.unit(Mixing.draw(seed, offered)) * (offered + 1));
        if (slot >= kept.size()) {
            return next;
        }
        next = fits ? next.plus(example) : next.put((int) slot, example);
        long again = Mixing.draw(seed, offered);
        for (int count = 0; next.isOver(); count++) {
            next = next.minus(next.another(example.example().id(), Mixing.draw(again, count)));
        }
        return next;
    }

    /** A slot uniform over those of all others. */
    private int another(String id, long draw) {
        int own = Objects.requireNonNull(slots.get(id));
        int slot = (int) (Mixing.unit(draw) * (kept.size() - 1));
        return slot < own ? slot : slot + 1;
    }

    private ReplayBuffer trimmed() {
        ReplayBuffer next = this;
        while (next.isOver()) {
            next = next.minus(Objects.requireNonNull(next.slots.get(next.strata.weakest())));
        }
        return next;
    }

    private boolean isOver() {
        return kept.size() > policy.capacity() || tokens > mostTokens();
    }

    private long mostTokens() {
        return policy.tokens().map(Integer::longValue).orElse(Long.MAX_VALUE);
    }

    /** Takes an example out, if it is there; it leaves room. */
    public ReplayBuffer without(String id) {
        Integer slot = slots.get(id);
        return slot == null ? this : minus(slot).seen(offered, false);
    }

    /**
     * Takes out what an example answers anew.
     *
     * @param number of the example in the order of acceptance; what came after it stays
     */
    public ReplayBuffer withoutOlderAnswers(ExampleRef example, long number) {
        ReplayBuffer next = this;
        for (Kept other : otherAnswers(example)) {
            if (other.number() < number) {
                next = next.without(other.example().id());
            }
        }
        return next;
    }

    /** Whether another answer to the same question is kept that came after this one. */
    boolean hasNewerAnswer(ExampleRef example, long number) {
        return otherAnswers(example).stream().anyMatch(other -> other.number() > number);
    }

    private List<Kept> otherAnswers(ExampleRef example) {
        return prompts.of(example.promptId()).stream()
                .map(id -> kept.get(Objects.requireNonNull(slots.get(id))))
                .filter(other -> other.example().contradicts(example))
                .toList();
    }

    /**
     * Ids of at most so many of the kept examples, in an order of which each beginning has of each stratum what the policy's
     * sampling says, up to rounding; within a stratum each order has the same chance.
     *
     * @param usable those that may be drawn
     */
    public List<String> sample(int most, long sampleSeed, Predicate<Kept> usable) {
        List<Integer> candidates = IntStream.range(0, kept.size())
                .filter(slot -> usable.test(kept.get(slot)))
                .boxed()
                .toList();
        return turns(candidates, sampleSeed).stream()
                .sorted(Comparator.comparingDouble(Turn::at)
                        .thenComparingLong(Turn::draw)
                        .thenComparingInt(Turn::slot))
                .limit(most)
                .map(turn -> id(kept.get(turn.slot())))
                .toList();
    }

    /** @param at earlier turns are drawn first */
    private record Turn(double at, long draw, int slot) {}

    /** The r-th of m in its stratum has its turn at r with equal strata, and at (r + 1/2) / m with proportional ones. */
    private List<Turn> turns(List<Integer> candidates, long sampleSeed) {
        Map<String, List<Integer>> byStratum = new TreeMap<>();
        candidates.forEach(slot -> byStratum
                .computeIfAbsent(Retention.drawn(policy.strategy(), kept.get(slot)), name -> new ArrayList<>())
                .add(slot));
        List<Turn> turns = new ArrayList<>();
        for (List<Integer> stratum : byStratum.values()) {
            stratum.sort(Comparator.comparingLong(slot -> Mixing.draw(sampleSeed, slot)));
            for (int place = 0; place < stratum.size(); place++) {
                int slot = stratum.get(place);
                double at = policy.sampling() == ReplaySampling.EQUAL ? place : (place + 0.5) / stratum.size();
                turns.add(new Turn(at, Mixing.draw(sampleSeed, slot), slot));
            }
        }
        return turns;
    }

    private ReplayBuffer seen(long examples, boolean isFull) {
        return new ReplayBuffer(seed, policy, examples, isFull, kept, tokens, slots, prompts, strata);
    }

    private ReplayBuffer plus(Kept example) {
        return with(kept.plus(example), slots.plus(id(example), kept.size())).indexed(example);
    }

    private ReplayBuffer put(int slot, Kept example) {
        Kept old = kept.get(slot);
        return with(kept.with(slot, example), slots.minus(id(old)).plus(id(example), slot))
                .unindexed(old)
                .indexed(example);
    }

    /** The last one takes the empty slot. */
    private ReplayBuffer minus(int slot) {
        Kept old = kept.get(slot);
        int end = kept.size() - 1;
        Kept last = kept.get(end);
        PVector<Kept> shorter = kept.minus(end);
        TreePMap<String, Integer> others = slots.minus(id(old));
        ReplayBuffer next =
                slot == end ? with(shorter, others) : with(shorter.with(slot, last), others.plus(id(last), slot));
        return next.unindexed(old);
    }

    private ReplayBuffer with(PVector<Kept> nextKept, TreePMap<String, Integer> nextSlots) {
        return new ReplayBuffer(seed, policy, offered, full, nextKept, tokens, nextSlots, prompts, strata);
    }

    private ReplayBuffer indexed(Kept example) {
        return new ReplayBuffer(
                seed,
                policy,
                offered,
                full,
                kept,
                tokens + example.tokens(),
                slots,
                prompts.plus(example.example().promptId(), id(example)),
                ranks() ? strata.plus(stratum(example), member(example)) : strata);
    }

    private ReplayBuffer unindexed(Kept example) {
        return new ReplayBuffer(
                seed,
                policy,
                offered,
                full,
                kept,
                tokens - example.tokens(),
                slots,
                prompts.minus(example.example().promptId(), id(example)),
                ranks() ? strata.minus(stratum(example), member(example)) : strata);
    }

    private boolean ranks() {
        return policy.strategy() != ReplayStrategy.RESERVOIR;
    }

    private String stratum(Kept example) {
        return Retention.stratum(policy.strategy(), example);
    }

    private Strata.Member member(Kept example) {
        return new Strata.Member(Retention.rank(policy.strategy(), seed, example), id(example));
    }

    private static String id(Kept example) {
        return example.example().id();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ReplayBuffer buffer
                && seed == buffer.seed
                && policy.equals(buffer.policy)
                && offered == buffer.offered
                && full == buffer.full
                && kept.equals(buffer.kept);
    }

    @Override
    public int hashCode() {
        return Objects.hash(seed, policy, offered, full, kept);
    }

    @Override
    public String toString() {
        return "ReplayBuffer(" + offered + " offered, " + tokens + " tokens, " + ids() + ")";
    }
}
