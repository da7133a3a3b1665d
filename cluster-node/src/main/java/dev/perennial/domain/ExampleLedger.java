package dev.perennial.domain;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.DomainSnapshot.Attempt;
import dev.perennial.protocols.DomainSnapshot.Kept;
import dev.perennial.protocols.DomainSnapshot.Waiting;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * Which examples a domain has, and what has become of them. Every step costs O(log n) an example it touches, whatever the
 * domain holds already.
 *
 * @param accepted ids of all examples ever accepted
 * @param waiting what is to be learned, by its number in the order of acceptance
 * @param next number of the next example to be accepted
 * @param replay of what was trained on
 * @param retained the suite that is asked before and after every update
 */
record ExampleLedger(
        TreePSet<String> accepted,
        TreePMap<Long, ExampleRef> waiting,
        long next,
        ReplayBuffer replay,
        ReplayBuffer retained) {
    private static final DomainPolicy.Replay SUITE = new DomainPolicy.Replay(
            2_000, 0, 0, 0, ReplayStrategy.RESERVOIR, ReplaySampling.PROPORTIONAL, Optional.empty());

    static ExampleLedger empty(DomainId domain, DomainPolicy policy) {
        return new ExampleLedger(
                TreePSet.empty(),
                TreePMap.empty(),
                0,
                ReplayBuffer.empty(replaySeed(domain), policy.replay()),
                ReplayBuffer.empty(retainedSeed(domain), SUITE));
    }

    static ExampleLedger of(DomainSnapshot snapshot) {
        TreeSet<String> accepted = new TreeSet<>(snapshot.settled());
        TreePMap<Long, ExampleRef> waiting = TreePMap.empty();
        for (Waiting each : snapshot.waiting()) {
            accepted.add(each.example().id());
            waiting = waiting.plus(each.number(), each.example());
        }
        return new ExampleLedger(
                TreePSet.fromSortedSet(accepted),
                waiting,
                snapshot.next(),
                ReplayBuffer.of(replaySeed(snapshot.id()), snapshot.policy().replay(), snapshot.replay()),
                ReplayBuffer.of(retainedSeed(snapshot.id()), SUITE, snapshot.retained()));
    }

    private static long replaySeed(DomainId domain) {
        return Mixing.hash(domain + "/replay");
    }

    private static long retainedSeed(DomainId domain) {
        return Mixing.hash(domain + "/retained");
    }

    /** @return accepted ids that wait no more, in their natural order */
    List<String> settled() {
        Set<String> waitingIds = new HashSet<>(Split.ids(waiting.values()));
        return accepted.stream().filter(id -> !waitingIds.contains(id)).toList();
    }

    /** @return what waits, oldest first */
    List<Waiting> queue() {
        List<Waiting> queue = new ArrayList<>();
        waiting.forEach((number, example) -> queue.add(new Waiting(number, example)));
        return queue;
    }

    ExampleLedger accept(List<ExampleRef> examples) {
        TreePSet<String> known = accepted;
        TreePMap<Long, ExampleRef> queue = waiting;
        ReplayBuffer suite = retained;
        long number = next;
        for (ExampleRef example : examples) {
            known = known.plus(example.id());
            if (example.use() == ExampleUse.TRAIN) {
                queue = queue.plus(number, example);
            } else {
                suite = suite.offer(new Kept(example, number, 0, Optional.empty()));
            }
            number++;
        }
        return new ExampleLedger(known, queue, number, replay, suite);
    }

    /** An update takes up its oldest examples. */
    Attempt attempt(DomainEvent.UpdateStarted started, double heldOutShare) {
        List<ExampleRef> oldest = new ArrayList<>();
        long before = 0;
        for (Map.Entry<Long, ExampleRef> each : waiting.entrySet()) {
            if (oldest.size() == started.examples()) {
                break;
            }
            oldest.add(each.getValue());
            before = each.getKey() + 1;
        }
        List<String> heldOut = Split.ids(Split.of(oldest, heldOutShare).heldOut());
        return new Attempt(started.parent(), before, started.seed(), heldOut, retained.ids());
    }

    /** The examples of an attempt, by number; those that wait no more are missing. */
    TreePMap<Long, ExampleRef> taken(Attempt attempt) {
        return waiting.headMap(attempt.before());
    }

    Split split(Attempt attempt) {
        Set<String> heldOut = new HashSet<>(attempt.heldOut());
        List<ExampleRef> train = new ArrayList<>();
        List<ExampleRef> judging = new ArrayList<>();
        for (ExampleRef example : taken(attempt).values()) {
            (heldOut.contains(example.id()) ? judging : train).add(example);
        }
        return new Split(train, judging);
    }

    /** @param update number of the update, which went live with what this attempt learned */
    ExampleLedger learn(Attempt attempt, int update) {
        Collection<String> heldOut = new HashSet<>(attempt.heldOut());
        ReplayBuffer buffer = replay;
        ReplayBuffer suite = retained;
        for (Map.Entry<Long, ExampleRef> each : taken(attempt).entrySet()) {
            Kept example = new Kept(each.getValue(), each.getKey(), update, Optional.empty());
            if (heldOut.contains(each.getValue().id())) {
                suite = suite.offer(example);
            } else {
                buffer = buffer.offer(example);
            }
        }
        return new ExampleLedger(accepted, waiting.tailMap(attempt.before()), next, buffer, suite);
    }
}
