package dev.perennial.domain;

import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainSnapshot.Update;
import dev.perennial.protocols.DomainSnapshot.Version;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.UpdateSignals;
import dev.perennial.protocols.UpdateState;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a domain tells the scheduler of itself. */
final class Signals {
    private static final int LATEST_UPDATES = 10;

    private Signals() {}

    /** @param examples how many of those that wait the update would learn, the newest of them */
    static UpdateSignals of(DomainState state, int examples, Instant now) {
        DomainPolicy.Training training = state.policy().training();
        List<Map.Entry<Long, ExampleRef>> learned = newest(state, examples);
        long tokens = learned.stream()
                .mapToLong(each -> each.getValue().estimatedTokens())
                .sum();
        long steps = Math.min(
                training.maxSteps(),
                (long) training.epochs() * ((examples + training.batchSize() - 1) / training.batchSize()));
        Optional<Version> live = state.lineage().find(state.live().number());
        return new UpdateSignals(
                state.pulse().feedbackADay(now),
                state.pulse().usualFeedbackADay(now),
                state.pulse().trafficADay(now),
                gap(state),
                learned.stream().findFirst().flatMap(first -> state.pulse().arrivalOf(first.getKey())),
                risk(state),
                (int) steps,
                tokens * training.epochs(),
                live.map(version -> version.manifest().baseDigest()));
    }

    private static List<Map.Entry<Long, ExampleRef>> newest(DomainState state, int examples) {
        int waiting = state.examples().waiting().size();
        return state.examples().waiting().byNumber().entrySet().stream()
                .skip(Math.max(0, waiting - examples))
                .toList();
    }

    /** How unlikely the live version of then held what the latest judged update was to learn. */
    private static Optional<Double> gap(DomainState state) {
        for (int number = state.lineage().versions().size(); number >= 1; number--) {
            Optional<Evaluation> judged = state.lineage().find(number).flatMap(Version::evaluation);
            if (judged.isPresent() && judged.get().newBefore().examples() > 0) {
                double known = Math.exp(judged.get().newBefore().logProbability());
                return Optional.of(Math.max(0, Math.min(1, 1 - known)));
            }
        }
        return Optional.empty();
    }

    private static double risk(DomainState state) {
        int finished = 0;
        int inVain = 0;
        Iterator<Update> updates = newestFirst(state).iterator();
        while (updates.hasNext() && finished < LATEST_UPDATES) {
            UpdateState end = updates.next().state();
            boolean counts = end == UpdateState.LIVE || end == UpdateState.REJECTED || end == UpdateState.FAILED;
            finished += counts ? 1 : 0;
            inVain += counts && end != UpdateState.LIVE ? 1 : 0;
        }
        return finished == 0 ? 0 : (double) inVain / finished;
    }

    private static Stream<Update> newestFirst(DomainState state) {
        List<Update> updates = state.updates().updates();
        return Stream.iterate(updates.size() - 1, index -> index >= 0, index -> index - 1)
                .map(updates::get);
    }
}
