package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainId;

/**
 * One thing that the workload wanted to be written, however often it was sent.
 *
 * @param key by which it is found again: a content id of an example, the comment of a piece of feedback, the idempotency key of an
 *     update or a rollback, the id of a domain
 * @param receipt what the answer said of it, as the id of an update; empty where it said nothing
 */
public record Write(Kind kind, DomainId domain, String key, State state, String receipt) {
    /** What was written. */
    public enum Kind {
        DOMAIN,
        EXAMPLE,
        FEEDBACK,
        UPDATE,
        ROLLBACK
    }

    /** What is known of it. */
    public enum State {
        /** A success was answered: it must be there. */
        ACKNOWLEDGED,
        /** No answer came, or one that leaves it open: it may be there, once. */
        AMBIGUOUS
    }

    public boolean isAcknowledged() {
        return state == State.ACKNOWLEDGED;
    }
}
