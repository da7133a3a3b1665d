package dev.perennial.domain;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.DomainSnapshot.Attempt;
import dev.perennial.protocols.DomainSnapshot.Conflict;
import dev.perennial.protocols.DomainSnapshot.Kept;
import dev.perennial.protocols.DomainSnapshot.Waiting;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Measurement;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import dev.perennial.protocols.UpdateId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pcollections.TreePMap;

/**
 * Which examples a domain has, and what has become of them. Every step costs O(log n) an example it touches, whatever the
 * domain holds already.
 *
 * @param accepted ids of all examples ever accepted, but for those deleted
 * @param waiting what is to be learned
 * @param conflicts what contradicts itself and is not learned
 * @param heldBack what updates failed with
 * @param next number of the next example to be accepted
 * @param replay of what was trained on
 * @param retained the suite that is asked before and after every update
 */
record ExampleLedger(
        IdSet accepted,
        Deletion deletion,
        WaitingExamples waiting,
        Conflicts conflicts,
        HeldBack heldBack,
        long next,
        ReplayBuffer replay,
        ReplayBuffer retained) {
    private static final DomainPolicy.Replay SUITE = new DomainPolicy.Replay(
            2_000, 0, 0, 0, ReplayStrategy.RESERVOIR, ReplaySampling.PROPORTIONAL, Optional.empty());

    static ExampleLedger empty(DomainId domain, DomainPolicy policy) {
        return new ExampleLedger(
                IdSet.NONE,
                Deletion.NONE,
                WaitingExamples.NONE,
                Conflicts.NONE,
                HeldBack.NONE,
                0,
                ReplayBuffer.empty(replaySeed(domain), policy.replay()),
                ReplayBuffer.empty(retainedSeed(domain), SUITE));
    }

    static ExampleLedger of(DomainSnapshot snapshot) {
        return new ExampleLedger(
                IdSet.of(snapshot.accepted()),
                Deletion.of(snapshot.deleted(), snapshot.removing()),
                WaitingExamples.of(snapshot.waiting()),
                Conflicts.of(snapshot.conflicts()),
                HeldBack.of(snapshot.heldBack(), snapshot.trial()),
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

    /** Whoever sends an example to evaluate with says what the answer is from now on. */
    ExampleLedger accept(List<ExampleRef> examples) {
        IdSet known = accepted;
        WaitingExamples queue = waiting;
        ReplayBuffer buffer = replay;
        ReplayBuffer suite = retained;
        long number = next;
        for (ExampleRef example : examples) {
            known = known.plus(example.id());
            if (example.use() == ExampleUse.TRAIN) {
                queue = queue.plus(number, example);
            } else {
                buffer = buffer.withoutOlderAnswers(example, number);
                suite = suite.withoutOlderAnswers(example, number)
                        .offer(new Kept(example, number, 0, Optional.empty()));
            }
            number++;
        }
        return new ExampleLedger(known, deletion, queue, conflicts, heldBack, number, buffer, suite);
    }

    /**
     * They are gone from everything; an update that has them already does not bring them back. What they alone contradicted
     * waits again.
     */
    ExampleLedger delete(List<String> ids) {
        IdSet known = accepted;
        WaitingExamples queue = waiting;
        Conflicts rest = conflicts;
        HeldBack held = heldBack;
        long number = next;
        ReplayBuffer buffer = replay;
        ReplayBuffer suite = retained;
        for (String id : ids) {
            known = known.minus(id);
            queue = queue.minus(id);
            held = held.without(id);
            Conflicts.Settled settled = rest.without(id);
            rest = settled.left();
            if (settled.freed().isPresent()) {
                queue = queue.plus(number++, settled.freed().get());
            }
            buffer = buffer.without(id);
            suite = suite.without(id);
        }
        return new ExampleLedger(known, deletion.delete(ids), queue, rest, held, number, buffer, suite);
    }

    ExampleLedger deletionCompleted(List<String> ids) {
        return new ExampleLedger(
                accepted, deletion.completed(ids), waiting, conflicts, heldBack, next, replay, retained);
    }

    ExampleLedger setAside(DomainEvent.ExamplesSetAside event) {
        WaitingExamples queue = waiting;
        Conflicts more = conflicts;
        long number = next;
        for (String outlier : event.outliers()) {
            queue = queue.minus(outlier);
        }
        for (List<String> group : event.groups()) {
            List<Waiting> members = queue.find(group);
            for (Waiting each : members) {
                queue = queue.minus(each.number());
            }
            if (members.size() == 1) {
                queue = queue.plus(number++, members.get(0).example());
            } else if (members.size() > 1) {
                more = more.plus(new Conflict(event.update(), members, event.at()));
            }
        }
        return new ExampleLedger(accepted, deletion, queue, more, heldBack, number, replay, retained);
    }

    /** An update is given up: what it took waits apart. */
    ExampleLedger holdBack(UpdateId update, Attempt attempt) {
        List<Waiting> taken = new ArrayList<>();
        WaitingExamples queue = waiting;
        for (Map.Entry<Long, ExampleRef> each : taken(attempt).entrySet()) {
            taken.add(new Waiting(each.getKey(), each.getValue()));
            queue = queue.minus(each.getKey().longValue());
        }
        HeldBack held = taken.isEmpty() ? heldBack : heldBack.failed(update, taken);
        return new ExampleLedger(accepted, deletion, queue, conflicts, held, next, replay, retained);
    }

    /** A group waits again, in the places that it had. */
    ExampleLedger tryAgain(DomainEvent.ExamplesTriedAgain event) {
        WaitingExamples queue = waiting;
        for (Waiting each : heldBack.group(event.first())) {
            queue = queue.plus(each.number(), each.example());
        }
        HeldBack held = heldBack.triedAgain(event.first(), event.update());
        return new ExampleLedger(accepted, deletion, queue, conflicts, held, next, replay, retained);
    }

    /** An update takes up its oldest examples, and is asked what none of those that wait answers anew. */
    Attempt attempt(DomainEvent.UpdateStarted started, double heldOutShare) {
        List<Map.Entry<Long, ExampleRef>> oldest = waiting.oldest(started.examples());
        long before = oldest.isEmpty() ? 0 : oldest.get(oldest.size() - 1).getKey() + 1;
        List<ExampleRef> examples = oldest.stream().map(Map.Entry::getValue).toList();
        return new Attempt(
                started.parent(),
                before,
                started.seed(),
                Split.ids(Split.of(examples, heldOutShare).heldOut()),
                retained.sample(SUITE.capacity(), started.seed(), kept -> !waiting.supersede(kept)));
    }

    /** What an update replays: nothing to which a newer answer waits, or it would be taught beside the new one. */
    List<String> replayed(int most, long seed) {
        return replay.sample(most, seed, kept -> !waiting.supersede(kept));
    }

    /** The examples of an attempt, by number; those that wait no more are missing. */
    TreePMap<Long, ExampleRef> taken(Attempt attempt) {
        return waiting.before(attempt.before());
    }

    /** The retained suite of an attempt, without what was deleted since. */
    List<String> retained(Attempt attempt) {
        return attempt.retained().stream().filter(accepted::contains).toList();
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

    /**
     * What an attempt learned went live: it is replayed from now on, and what judged it is retained. An older answer to the
     * same question goes from both, since to replay it would be to teach it again, and to ask it to find the new one wrong.
     */
    ExampleLedger learn(Attempt attempt, DomainEvent.VersionPromoted promoted) {
        Map<String, Measurement> measured = new HashMap<>();
        promoted.measurements().forEach(each -> measured.put(each.id(), each));
        Set<String> heldOut = new HashSet<>(attempt.heldOut());
        WaitingExamples queue = waiting;
        ReplayBuffer buffer = replay;
        ReplayBuffer suite = retained;
        Conflicts rest = conflicts;
        for (Map.Entry<Long, ExampleRef> each : taken(attempt).entrySet()) {
            long number = each.getKey();
            ExampleRef example = each.getValue();
            Kept kept = new Kept(
                    example, number, promoted.update().number(), Optional.ofNullable(measured.get(example.id())));
            queue = queue.minus(number);
            buffer = buffer.withoutOlderAnswers(example, number);
            suite = suite.withoutOlderAnswers(example, number);
            rest = rest.answered(example, number);
            if (suite.hasNewerAnswer(example, number)) {
                continue;
            }
            if (heldOut.contains(example.id())) {
                suite = suite.offer(kept);
            } else {
                buffer = buffer.offer(kept);
            }
        }
        return new ExampleLedger(accepted, deletion, queue, rest, heldBack, next, buffer, suite);
    }
}
