package dev.perennial.protocols;

/** A candidate beside its parent on the three suites that the gate asks about. */
public record Evaluation(
        Score newBefore,
        Score newAfter,
        Score retainedBefore,
        Score retainedAfter,
        Score generalBefore,
        Score generalAfter) {}
