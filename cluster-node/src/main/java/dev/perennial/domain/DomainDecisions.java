package dev.perennial.domain;

import dev.perennial.protocols.Bounds;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainSnapshot.Version;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a domain answers to each command, and what it journals first. */
public final class DomainDecisions {
    static final int LONGEST_KEY = 200;
    static final int LONGEST_TEXT = 2_000;

    private DomainDecisions() {}

    /**
     * @param domain whose entity was asked
     * @param state empty before the domain is created
     */
    public static Decision decide(DomainId domain, Optional<DomainState> state, DomainCommand command, Instant now) {
        try {
            if (command instanceof DomainCommand.Unknown unknown) {
                return Decision.refused(Problem.unavailable("the node that holds domain '" + domain
                        + "' runs an older build, which does not know the command '"
                        + Problem.shorten(unknown.command()) + "'; ask again when every node has been renewed"));
            }
            if (command instanceof DomainCommand.Create create) {
                return create(domain, state, create, now);
            }
            DomainState existing = state.orElseThrow(() -> new ProblemException(
                    Problem.notFound("domain", "there is no domain '" + domain + "'; create it first")));
            return decide(existing, command, now);
        } catch (ProblemException e) {
            return Decision.refused(e.problem());
        }
    }

    private static Decision decide(DomainState state, DomainCommand command, Instant now) {
        if (command instanceof DomainCommand.Create create) {
            return create(state.id(), Optional.of(state), create, now);
        } else if (command instanceof DomainCommand.AcceptExamples accept) {
            return ExampleDecisions.accept(state, accept, now);
        } else if (command instanceof DomainCommand.DeleteExamples delete) {
            return ExampleDecisions.delete(state, delete, now);
        } else if (command instanceof DomainCommand.ShowConflicts show) {
            return ExampleDecisions.conflicts(state, show);
        } else if (command instanceof DomainCommand.RequestUpdate request) {
            return RequestDecisions.request(state, request, now);
        } else if (command instanceof DomainCommand.BeginUpdate begin) {
            return UpdateDecisions.begin(state, begin, now);
        } else if (command instanceof DomainCommand.TakeCheckpoint take) {
            return UpdateDecisions.checkpoint(state, take, now);
        } else if (command instanceof DomainCommand.SubmitCandidate submit) {
            return UpdateDecisions.submit(state, submit, now);
        } else if (command instanceof DomainCommand.FailUpdate fail) {
            return UpdateDecisions.fail(state, fail, now);
        } else if (command instanceof DomainCommand.CancelUpdate cancel) {
            return UpdateDecisions.cancel(state, cancel, now);
        } else if (command instanceof DomainCommand.Rollback rollback) {
            return rollback(state, rollback, now);
        } else if (command instanceof DomainCommand.ReportProgress report) {
            return UpdateDecisions.progress(state, report);
        } else if (command instanceof DomainCommand.ShowDomain) {
            return Decision.shown(List.of(), after -> new DomainReply.DomainShown(Views.domain(after)));
        } else if (command instanceof DomainCommand.ShowUpdate show) {
            return UpdateDecisions.show(state, show);
        } else if (command instanceof DomainCommand.ShowVersions) {
            return Decision.shown(List.of(), after -> new DomainReply.VersionsShown(Views.versions(after)));
        } else if (command instanceof DomainCommand.ResolveVersion resolve) {
            return resolve(state, resolve);
        }
        throw new AssertionError(command);
    }

    private static Decision create(
            DomainId domain, Optional<DomainState> state, DomainCommand.Create create, Instant now) {
        if (!create.domain().equals(domain)) {
            throw new ProblemException(Problem.invalid(
                    "id", "the entity of domain '" + domain + "' was asked to create '" + create.domain() + "'"));
        }
        if (state.isPresent()) {
            throw new ProblemException(Problem.conflict("id", "domain '" + domain + "' exists already"));
        }
        Bounds.text("description", create.description(), LONGEST_TEXT);
        return Decision.shown(
                List.of(new DomainEvent.DomainCreated(domain, create.description(), create.policy(), now)),
                after -> new DomainReply.DomainShown(Views.domain(after)));
    }

    private static Decision rollback(DomainState state, DomainCommand.Rollback rollback, Instant now) {
        requireKey(rollback.key());
        Bounds.text("reason", rollback.reason(), LONGEST_TEXT);
        if (state.lineage().rollbacks().contains(rollback.key())) {
            return Decision.done();
        }
        if (rollback.to() != 0) {
            requireAccepted(state, "to", rollback.to());
        }
        if (rollback.to() == state.live().number()) {
            return Decision.done();
        }
        return Decision.done(new DomainEvent.VersionRolledBack(
                state.live(), new VersionId(state.id(), rollback.to()), rollback.reason(), rollback.key(), now));
    }

    private static Decision resolve(DomainState state, DomainCommand.ResolveVersion resolve) {
        int number = resolve.number().orElse(state.live().number());
        Optional<String> artifact = number == 0
                ? Optional.empty()
                : Optional.of(requireAccepted(state, "version", number).artifact());
        DomainReply reply = new DomainReply.Resolved(new VersionId(state.id(), number), artifact);
        return Decision.shown(List.of(), after -> reply);
    }

    private static Version requireAccepted(DomainState state, String param, int number) {
        int latest = state.lineage().versions().size();
        Version version = state.lineage()
                .find(number)
                .orElseThrow(() -> new ProblemException(Problem.notFound(
                        param,
                        "there is no version " + state.id() + "@" + number + "; the versions of '" + state.id()
                                + "' are 0 to " + latest)));
        if (!version.accepted()) {
            throw new ProblemException(
                    Problem.conflict(param, "version " + version.id() + " was rejected by its gate and cannot answer"));
        }
        return version;
    }

    static void requireKey(String key) {
        Bounds.text("key", key, LONGEST_KEY);
        if (key.isBlank()) {
            throw new ProblemException(Problem.invalid("key", "key names the request; got an empty one"));
        }
    }
}
