package dev.perennial.simulations.cluster.invariants;

import java.time.Duration;
import java.util.List;

/** Something that holds at any moment of a run, whatever was killed. */
public interface Invariant {
    /** @return one line for each breach, saying what was expected and what was found; none where it holds */
    List<String> breaches(Evidence evidence);

    default String name() {
        return getClass().getSimpleName();
    }

    /** @param propagation within which all nodes answer with a version that has become live */
    static List<Invariant> all(Duration propagation) {
        return List.of(
                new AcknowledgedExamplesAreKept(),
                new AcknowledgedFeedbackIsKept(),
                new AcknowledgedRequestsAreKept(),
                new AcknowledgedUpdatesEnd(),
                new NothingIsAppliedTwice(),
                new OneSchedulerActs(),
                new OneTrainerALease(),
                new OneLiveVersion(propagation),
                new JournalReplaysToStateServed());
    }
}
