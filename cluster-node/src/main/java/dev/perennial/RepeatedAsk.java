package dev.perennial;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainReply;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.RecipientRef;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * Asks a domain again where it has not answered soon. Messages get lost, most of all those that are under way to a domain while it moves
 * from one node to another, and the caller need not wait for the whole time that a domain may take to learn of that. A domain knows a
 * repeated command by its id, and answers it as it did the first, but for the one that creates it.
 */
final class RepeatedAsk {
    /** Then after twice as long, and so on. */
    static final Duration FIRST = Duration.ofMillis(500);

    private final ActorSystem<?> system;
    private final RecipientRef<DomainEnvelope> domain;
    private final DomainEnvelope envelope;
    private final AtomicBoolean over;

    private RepeatedAsk(
            ActorSystem<?> system, RecipientRef<DomainEnvelope> domain, DomainEnvelope envelope, AtomicBoolean over) {
        this.system = system;
        this.domain = domain;
        this.envelope = envelope;
        this.over = over;
    }

    /** @return the first reply; fails with a TimeoutException where none came in time */
    static CompletionStage<DomainReply> of(
            ActorSystem<?> system, RecipientRef<DomainEnvelope> domain, DomainCommand command, Duration timeout) {
        AtomicBoolean over = new AtomicBoolean();
        return AskPattern.<DomainEnvelope, DomainReply>ask(
                        domain,
                        replyTo -> {
                            DomainEnvelope envelope = new DomainEnvelope(command, replyTo);
                            if (!(command instanceof DomainCommand.Create)) {
                                new RepeatedAsk(system, domain, envelope, over).after(FIRST);
                            }
                            return envelope;
                        },
                        timeout,
                        system.scheduler())
                .whenComplete((reply, failure) -> over.set(true));
    }

    private void after(Duration wait) {
        system.scheduler().scheduleOnce(wait, () -> repeat(wait), system.executionContext());
    }

    private void repeat(Duration waited) {
        if (!over.get()) {
            domain.tell(envelope);
            after(waited.multipliedBy(2));
        }
    }
}
