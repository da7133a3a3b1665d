package dev.perennial.scheduler;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.UpdateId;
import java.util.List;
import java.util.Optional;

/** What the scheduler's mailbox holds: what others ask of it, and what it tells itself. */
sealed interface SchedulerMessage {
    record Asked(SchedulerCommand command) implements SchedulerMessage {}

    record Tick() implements SchedulerMessage {}

    /** @param reply empty where the domain did not answer in time */
    record DomainAnswered(UpdateId update, DomainCommand asked, Optional<DomainReply> reply)
            implements SchedulerMessage {}

    record DomainWoken(DomainId domain, boolean answered) implements SchedulerMessage {}

    /** A node that held domains is no member any more. */
    record NodeLost() implements SchedulerMessage {}

    /** @param domains empty where they could not be listed */
    record DomainsListed(Optional<List<DomainId>> domains) implements SchedulerMessage {}
}
