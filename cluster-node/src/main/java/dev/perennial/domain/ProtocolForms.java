package dev.perennial.domain;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.protocols.LearningMethod.Part;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.ProtocolVersion;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is asked of a domain, and what it does, while nodes of an earlier build are there: what they would not understand is done in the
 * way that they know, and the reply shows it. {@link ProtocolVersion} has the numbers.
 */
public final class ProtocolForms {
    private ProtocolForms() {}

    /** The command as builds of the protocol know it: methods and policies without neighbours before 2. */
    public static DomainCommand known(DomainCommand command, int protocol) {
        if (protocol >= ProtocolVersion.NEIGHBOURS.number()) {
            return command;
        }
        if (command instanceof DomainCommand.Create create) {
            return new DomainCommand.Create(create.domain(), create.description(), withoutNeighbours(create.policy()));
        }
        if (command instanceof DomainCommand.RequestUpdate request) {
            return new DomainCommand.RequestUpdate(
                    request.key(),
                    request.kind(),
                    request.importance(),
                    request.deadline(),
                    request.method().map(ProtocolForms::withoutNeighbours));
        }
        return command;
    }

    private static DomainPolicy withoutNeighbours(DomainPolicy policy) {
        return policy.by(policy.method().without(Part.NEIGHBOURS));
    }

    /** A name that is none stays, and is refused where it is read. */
    private static String withoutNeighbours(String method) {
        try {
            return LearningMethod.parse(method).without(Part.NEIGHBOURS).toString();
        } catch (ProblemException e) {
            return method;
        }
    }

    /**
     * The decision as builds of the protocol can replay it. Before 1, examples of an update that failed wait with the others; before
     * 2, a manifest tells neither outliers nor environment.
     */
    public static Decision known(Decision decision, int protocol) {
        List<DomainEvent> events = decision.events().stream()
                .flatMap(event -> known(event, protocol))
                .toList();
        return new Decision(events, decision.reply());
    }

    private static Stream<DomainEvent> known(DomainEvent event, int protocol) {
        if (event instanceof DomainEvent.ExamplesHeldBack && protocol < ProtocolVersion.HOLDS_BACK.number()) {
            return Stream.empty();
        }
        if (event instanceof DomainEvent.CandidateTrained trained && protocol < ProtocolVersion.NEIGHBOURS.number()) {
            return Stream.of(new DomainEvent.CandidateTrained(
                    trained.update(),
                    trained.version(),
                    trained.parent(),
                    trained.artifact(),
                    trained.manifest().withoutEnvironment(),
                    trained.fisher(),
                    trained.at()));
        }
        return Stream.of(event);
    }
}
