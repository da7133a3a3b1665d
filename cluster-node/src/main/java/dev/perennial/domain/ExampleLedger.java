package dev.perennial.domain;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import java.util.List;
import java.util.TreeSet;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * Which examples a domain has, and what has become of them. Every step costs O(log n) an example it touches, whatever the
 * domain holds already.
 *
 * @param accepted ids of all examples ever accepted
 * @param waiting by the order of acceptance: keys are {@code learned} and on, without a gap
 * @param learned how many examples have left {@code waiting} in all
 * @param replay sample of what was trained on
 * @param retained the suite that is asked before and after every update
 */
record ExampleLedger(
        TreePSet<String> accepted,
        TreePMap<Long, ExampleRef> waiting,
        long learned,
        Reservoir replay,
        Reservoir retained) {
    private static final int RETAINED_CAPACITY = 2_000;

    static ExampleLedger empty(DomainId domain, DomainPolicy policy) {
        return new ExampleLedger(
                TreePSet.empty(),
                TreePMap.empty(),
                0,
                Reservoir.empty(replaySeed(domain), policy.replay().capacity()),
                Reservoir.empty(retainedSeed(domain), RETAINED_CAPACITY));
    }

    static ExampleLedger of(DomainSnapshot snapshot) {
        TreeSet<String> accepted = new TreeSet<>(snapshot.settled());
        TreePMap<Long, ExampleRef> waiting = TreePMap.empty();
        long next = snapshot.learned();
        for (ExampleRef example : snapshot.waiting()) {
            accepted.add(example.id());
            waiting = waiting.plus(next++, example);
        }
        return new ExampleLedger(
                TreePSet.fromSortedSet(accepted),
                waiting,
                snapshot.learned(),
                Reservoir.of(
                        replaySeed(snapshot.id()), snapshot.policy().replay().capacity(), snapshot.replay()),
                Reservoir.of(retainedSeed(snapshot.id()), RETAINED_CAPACITY, snapshot.retained()));
    }

    private static long replaySeed(DomainId domain) {
        return Mixing.hash(domain + "/replay");
    }

    private static long retainedSeed(DomainId domain) {
        return Mixing.hash(domain + "/retained");
    }

    /** @return accepted ids that wait no more, in their natural order */
    List<String> settled() {
        TreeSet<String> waitingIds = new TreeSet<>();
        waiting.values().forEach(example -> waitingIds.add(example.id()));
        return accepted.stream().filter(id -> !waitingIds.contains(id)).toList();
    }

    ExampleLedger accept(List<ExampleRef> examples) {
        TreePSet<String> known = accepted;
        TreePMap<Long, ExampleRef> queue = waiting;
        Reservoir suite = retained;
        long next = learned + waiting.size();
        for (ExampleRef example : examples) {
            known = known.plus(example.id());
            if (example.use() == ExampleUse.TRAIN) {
                queue = queue.plus(next++, example);
            } else {
                suite = suite.offer(example.id());
            }
        }
        return new ExampleLedger(known, queue, learned, replay, suite);
    }

    List<ExampleRef> oldest(int count) {
        return waiting.values().stream().limit(count).toList();
    }

    /** An update that worked on the oldest {@code count} examples went live. */
    ExampleLedger learn(int count, double heldOutShare) {
        Split split = Split.of(oldest(count), heldOutShare);
        return new ExampleLedger(
                accepted,
                waiting.tailMap(learned + count),
                learned + count,
                replay.offerAll(Split.ids(split.train())),
                retained.offerAll(Split.ids(split.heldOut())));
    }
}
