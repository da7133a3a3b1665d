package dev.perennial;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainReply;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.RecipientRef;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * Asks a domain again where it has not answered soon. Messages get lost, most of all those that are under way to a domain while it moves
 * from one node to another, and the caller need not wait for the whole time that a domain may take to learn of that. Only what may as well
 * arrive twice, whatever arrives between, is repeated: reads, examples, which are known by their content, and what a trainer says under its
 * token. The repetition of what counts as traffic does not count.
 */
final class RepeatedAsk {
    /** Then after twice as long, and so on. */
    static final Duration FIRST = Duration.ofMillis(200);
    /**
     * Not what a later command of the caller may have overtaken: a rollback that changed nothing, or a request that was refused, leaves no
     * trace by which its repetition would be known.
     */
    private static final Set<Class<? extends DomainCommand>> REPEATED = Set.of(
            DomainCommand.ShowDomain.class,
            DomainCommand.ShowConflicts.class,
            DomainCommand.ShowUpdate.class,
            DomainCommand.ShowVersions.class,
            DomainCommand.ResolveVersion.class,
            DomainCommand.AcceptExamples.class,
            DomainCommand.BeginUpdate.class,
            DomainCommand.SubmitCandidate.class,
            DomainCommand.FailUpdate.class,
            DomainCommand.CancelUpdate.class);

    private final ActorSystem<?> system;
    private final RecipientRef<DomainEnvelope> domain;
    private final DomainEnvelope repetition;
    private final AtomicBoolean over;

    private RepeatedAsk(
            ActorSystem<?> system, RecipientRef<DomainEnvelope> domain, DomainEnvelope repetition, AtomicBoolean over) {
        this.system = system;
        this.domain = domain;
        this.repetition = repetition;
        this.over = over;
    }

    /** @return the first reply; fails with a TimeoutException where none came in time */
    static CompletionStage<DomainReply> of(
            ActorSystem<?> system, RecipientRef<DomainEnvelope> domain, DomainCommand command, Duration timeout) {
        AtomicBoolean over = new AtomicBoolean();
        return AskPattern.<DomainEnvelope, DomainReply>ask(
                        domain,
                        replyTo -> {
                            if (REPEATED.contains(command.getClass())) {
                                new RepeatedAsk(system, domain, new DomainEnvelope(repetition(command), replyTo), over)
                                        .after(FIRST);
                            }
                            return new DomainEnvelope(command, replyTo);
                        },
                        timeout,
                        system.scheduler())
                .whenComplete((reply, failure) -> over.set(true));
    }

    private static DomainCommand repetition(DomainCommand command) {
        return command instanceof DomainCommand.ResolveVersion resolve
                ? new DomainCommand.ResolveVersion(resolve.number(), true)
                : command;
    }

    private void after(Duration wait) {
        system.scheduler().scheduleOnce(wait, () -> repeat(wait), system.executionContext());
    }

    private void repeat(Duration waited) {
        if (!over.get()) {
            domain.tell(repetition);
            after(waited.multipliedBy(2));
        }
    }
}
