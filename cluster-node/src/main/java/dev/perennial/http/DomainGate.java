package dev.perennial.http;

import dev.perennial.intake.Deadline;
import dev.perennial.protocols.ConflictView;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainView;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateView;
import dev.perennial.protocols.VersionView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;

/** Asks domains in time, turns refusals into problems, and replies into the view that was asked for. */
final class DomainGate {
    private static final int ASKED_AT_ONCE = 16;

    private final Domains domains;
    private final Duration timeout;
    private final ActorSystem<?> system;

    DomainGate(Domains domains, Duration timeout, ActorSystem<?> system) {
        this.domains = domains;
        this.timeout = timeout;
        this.system = system;
    }

    CompletionStage<DomainView> create(DomainCommand.Create create) {
        return Deadline.within(timeout, "the list of domains", domains.register(create.domain()))
                .thenCompose(done -> ask(create.domain(), create))
                .thenApply(DomainGate::domainView);
    }

    CompletionStage<DomainView> show(DomainId domain) {
        return ask(domain, new DomainCommand.ShowDomain()).thenApply(DomainGate::domainView);
    }

    /** All domains by name. */
    CompletionStage<List<DomainView>> list() {
        return Deadline.within(timeout, "the list of domains", domains.list())
                .thenCompose(ids -> Source.from(ids.stream().sorted().toList())
                        .mapAsync(ASKED_AT_ONCE, this::showIfCreated)
                        .mapConcat(found -> found.stream().toList())
                        .runWith(Sink.seq(), system));
    }

    private CompletionStage<Optional<DomainView>> showIfCreated(DomainId domain) {
        return show(domain)
                .thenApply(Optional::of)
                .exceptionallyCompose(failure -> Deadline.cause(failure) instanceof ProblemException problem
                                && problem.problem().kind() == Problem.Kind.NOT_FOUND
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : CompletableFuture.failedFuture(failure));
    }

    CompletionStage<UpdateView> update(DomainId domain, DomainCommand command) {
        return ask(domain, command).thenApply(reply -> {
            if (reply instanceof DomainReply.UpdateShown shown) {
                return shown.update();
            }
            throw new AssertionError(reply);
        });
    }

    CompletionStage<UpdateView> showUpdate(UpdateId id) {
        return update(id.domain(), new DomainCommand.ShowUpdate(id));
    }

    CompletionStage<List<VersionView>> versions(DomainId domain) {
        return ask(domain, new DomainCommand.ShowVersions()).thenApply(reply -> {
            if (reply instanceof DomainReply.VersionsShown shown) {
                return shown.versions();
            }
            throw new AssertionError(reply);
        });
    }

    CompletionStage<List<ConflictView>> conflicts(DomainId domain, int limit) {
        return ask(domain, new DomainCommand.ShowConflicts(limit)).thenApply(reply -> {
            if (reply instanceof DomainReply.ConflictsShown shown) {
                return shown.conflicts();
            }
            throw new AssertionError(reply);
        });
    }

    CompletionStage<DomainReply> ask(DomainId domain, DomainCommand command) {
        return Deadline.within(timeout, "domain " + domain, domains.ask(domain, command))
                .thenApply(reply -> {
                    if (reply instanceof DomainReply.Refused refused) {
                        throw new ProblemException(refused.problem());
                    }
                    return reply;
                });
    }

    private static DomainView domainView(DomainReply reply) {
        if (reply instanceof DomainReply.DomainShown shown) {
            return shown.domain();
        }
        throw new AssertionError(reply);
    }
}
