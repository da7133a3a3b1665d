package dev.perennial.entity;

import dev.perennial.protocols.DomainEnvelope;

/** What the entity's mailbox holds: what others ask of it, and what it tells itself. */
sealed interface DomainMessage {
    record Asked(DomainEnvelope envelope) implements DomainMessage {}

    /** @param acknowledged false where the scheduler did not answer in time */
    record SchedulerHeard(SchedulerLink.Notice notice, boolean acknowledged) implements DomainMessage {}

    /** @param removed false where the example store failed */
    record RowsHandled(int attempt, boolean removed) implements DomainMessage {}

    /** It is time to try again to remove rows. */
    record RowsLeft() implements DomainMessage {}

    /** Nothing has come for a while. */
    record Idle() implements DomainMessage {}
}
