package dev.perennial.domain;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Problem;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a command leads to.
 *
 * @param events to be journaled together, or none
 * @param reply from the state after the events, so that a view shows what the command did
 */
public record Decision(List<DomainEvent> events, Function<Optional<DomainState>, DomainReply> reply) {
    public Decision {
        events = List.copyOf(events);
    }

    static Decision refused(Problem problem) {
        return new Decision(List.of(), after -> new DomainReply.Refused(problem));
    }

    static Decision done(DomainEvent... events) {
        return new Decision(List.of(events), after -> new DomainReply.Done());
    }

    /** @param view is asked only where the domain exists after the events */
    static Decision shown(List<DomainEvent> events, Function<DomainState, DomainReply> view) {
        return new Decision(events, after -> view.apply(after.orElseThrow()));
    }
}
