package dev.perennial.entity;

import dev.perennial.protocols.DomainEnvelope;

/** What the entity's mailbox holds: what others ask of it, and what it tells itself. */
sealed interface DomainMessage {
    record Asked(DomainEnvelope envelope) implements DomainMessage {}

    /** @param acknowledged false where the scheduler did not answer in time */
    record SchedulerHeard(SchedulerLink.Notice notice, boolean acknowledged) implements DomainMessage {}

    /** What an entity has stores rid of. */
    enum Stored {
        EXAMPLES,
        CHECKPOINTS
    }

    /** @param removed false where the store failed */
    record RemovalHandled(Stored what, int attempt, boolean removed) implements DomainMessage {}

    /** It is time to try again to remove what is left. */
    record RemovalLeft(Stored what) implements DomainMessage {}

    /** Nothing has come for a while. */
    record Idle() implements DomainMessage {}
}
