package dev.perennial.domain;

import dev.perennial.protocols.Bounds;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainSnapshot.Update;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.RequestRule;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateState;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The part of a domain's decisions that is about requests for updates: which become one, and which join one that waits. */
final class RequestDecisions {
    private RequestDecisions() {}

    static Decision request(DomainState state, DomainCommand.RequestUpdate request, Instant now) {
        DomainDecisions.requireKey(request.key());
        Integer known = state.updates().requests().get(request.key());
        if (known != null) {
            return UpdateDecisions.shown(new UpdateId(state.id(), known));
        }
        requireSound(request, now);
        Optional<Update> queued = state.policy().scheduling().requests() == RequestRule.MERGE
                ? state.updates().inState(UpdateState.QUEUED)
                : Optional.empty();
        if (queued.isPresent()) {
            return merge(state, queued.get().request(), request, now);
        }
        UpdateId id = new UpdateId(state.id(), state.updates().updates().size() + 1);
        Optional<DomainEvent> again = state.fresh() < 1 ? Optional.of(tryAgain(state, id, now)) : Optional.empty();
        DomainState asked = again.map(state::apply).orElse(state);
        UpdateRequest update = new UpdateRequest(
                id,
                request.kind(),
                request.importance(),
                request.deadline(),
                request.method(),
                asked.fresh(),
                now,
                state.policy().scheduling().tenant(),
                state.policy().scheduling().conflictGroups(),
                state.policy().scheduling().memoryBytes(),
                Signals.of(asked, asked.fresh(), now));
        Priority priority = Priority.asRequested(update);
        DomainEvent requested =
                new DomainEvent.UpdateRequested(update, request.key(), priority.sum(), priority.explanation(), now);
        return UpdateDecisions.shown(
                id, Stream.concat(again.stream(), Stream.of(requested)).toArray(DomainEvent[]::new));
    }

    /** Not while another update is open, which takes what waits by its place. */
    private static DomainEvent tryAgain(DomainState state, UpdateId by, Instant now) {
        HeldBack held = state.examples().heldBack();
        return held.next()
                .filter(group -> state.updates().open().isEmpty())
                .map(group -> new DomainEvent.ExamplesTriedAgain(by, group.first(), now))
                .orElseThrow(() -> new ProblemException(Problem.conflict(
                        "examples",
                        "an update needs at least 1 example of use train that no update has taken yet, and domain '"
                                + state.id() + "' has 0 of them; retained and evaluate examples do not count"
                                + (held.examples() == 0
                                        ? ""
                                        : "; the " + held.examples()
                                                + " that are held back are tried again once no update is open"))));
    }

    /** The update that waits does the work of both: it is as urgent as the more urgent, and waits since the first. */
    private static Decision merge(
            DomainState state, UpdateRequest waiting, DomainCommand.RequestUpdate request, Instant now) {
        Optional<Instant> deadline = Stream.concat(waiting.deadline().stream(), request.deadline().stream())
                .min(Comparator.naturalOrder());
        UpdateRequest both = new UpdateRequest(
                waiting.id(),
                mostUrgent(waiting.kind(), request.kind()),
                Math.max(waiting.importance(), request.importance()),
                deadline,
                waiting.method().or(request::method),
                state.fresh(),
                waiting.requestedAt(),
                waiting.tenant(),
                waiting.conflictGroups(),
                waiting.memoryBytes(),
                Signals.of(state, state.fresh(), now));
        String remark = "; this request is merged into " + waiting.id() + ", which is queued already"
                + request.method()
                        .filter(method -> !waiting.method().map(method::equals).orElse(true))
                        .map(method -> " and stays with its method, "
                                + waiting.method().orElseThrow())
                        .orElse("");
        return Decision.shown(
                List.of(new DomainEvent.RequestMerged(waiting.id(), request.key(), Optional.of(both), now)),
                after -> new DomainReply.UpdateShown(Views.update(after, waiting.id(), remark)));
    }

    private static UpdateKind mostUrgent(UpdateKind one, UpdateKind other) {
        List<UpdateKind> byUrgency =
                List.of(UpdateKind.FIX, UpdateKind.BEHAVIOUR, UpdateKind.TASK, UpdateKind.KNOWLEDGE);
        return byUrgency.indexOf(one) <= byUrgency.indexOf(other) ? one : other;
    }

    private static void requireSound(DomainCommand.RequestUpdate request, Instant now) {
        Bounds.number("importance", request.importance(), 0, 1);
        request.deadline().filter(deadline -> deadline.isBefore(now)).ifPresent(deadline -> {
            throw new ProblemException(
                    Problem.invalid("deadline", "a deadline lies in the future; got " + deadline + " at " + now));
        });
        request.method().ifPresent(LearningMethod::parse);
    }
}
