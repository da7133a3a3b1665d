package dev.perennial.domain;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.DomainSnapshot.Attempt;
import dev.perennial.protocols.DomainSnapshot.Update;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateState;
import dev.perennial.protocols.UpdateView;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

/**
 * All updates of a domain.
 *
 * @param updates number N is at index N - 1
 * @param open numbers of those that are not final; at most one runs, and at most one is queued unless requests queue by policy
 * @param requests number by the caller's id of the request
 * @param outdated artifacts of checkpoints that no update needs and that may still be stored
 */
record UpdateLog(
        PVector<Update> updates,
        TreePSet<Integer> open,
        TreePMap<String, Integer> requests,
        TreePSet<String> outdated) {
    static final UpdateLog EMPTY =
            new UpdateLog(TreePVector.empty(), TreePSet.empty(), TreePMap.empty(), TreePSet.empty());

    static UpdateLog of(DomainSnapshot snapshot) {
        List<Integer> open = snapshot.updates().stream()
                .filter(update -> !update.state().isFinal())
                .map(update -> update.request().id().number())
                .toList();
        return new UpdateLog(
                TreePVector.from(snapshot.updates()),
                TreePSet.from(open),
                TreePMap.from(snapshot.requests()),
                TreePSet.from(snapshot.outdated()));
    }

    Optional<Update> find(UpdateId id) {
        return id.number() <= updates.size() ? Optional.of(updates.get(id.number() - 1)) : Optional.empty();
    }

    Update get(UpdateId id) {
        return updates.get(id.number() - 1);
    }

    List<Update> opened() {
        return open.stream().map(number -> updates.get(number - 1)).toList();
    }

    Optional<Update> inState(UpdateState state) {
        return opened().stream().filter(update -> update.state() == state).findFirst();
    }

    UpdateLog requested(DomainEvent.UpdateRequested event) {
        Update update = new Update(
                event.request(),
                event.priority(),
                event.explanation(),
                UpdateState.QUEUED,
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(new UpdateView.Step(UpdateState.QUEUED, event.at())),
                Optional.empty());
        int number = event.request().id().number();
        return new UpdateLog(updates.plus(update), open.plus(number), requests.plus(event.key(), number), outdated);
    }

    UpdateLog merged(DomainEvent.RequestMerged event) {
        UpdateLog next = event.request()
                .map(request -> replaced(get(event.update()).withRequest(request)))
                .orElse(this);
        return new UpdateLog(
                next.updates, open, requests.plus(event.key(), event.update().number()), outdated);
    }

    UpdateLog started(DomainEvent.UpdateStarted event, Attempt attempt) {
        Update old = get(event.update());
        return replaced(new Update(
                old.request(),
                old.priority(),
                old.explanation(),
                UpdateState.RUNNING,
                old.attempts() + 1,
                event.token(),
                Optional.of(attempt),
                old.version(),
                old.reason(),
                withStep(old, new UpdateView.Step(UpdateState.RUNNING, event.at(), resumed(old))),
                old.checkpoint()));
    }

    UpdateLog trained(UpdateId id, VersionId version) {
        Update old = get(id);
        return replaced(new Update(
                old.request(),
                old.priority(),
                old.explanation(),
                old.state(),
                old.attempts(),
                old.token(),
                old.attempt(),
                Optional.of(version),
                old.reason(),
                old.history(),
                old.checkpoint()));
    }

    /** The one before it, if any, is outdated. */
    UpdateLog checkpointed(DomainEvent.CheckpointTaken event) {
        Update old = get(event.update());
        UpdateLog next = replaced(new Update(
                old.request(),
                old.priority(),
                old.explanation(),
                old.state(),
                old.attempts(),
                old.token(),
                old.attempt(),
                old.version(),
                old.reason(),
                old.history(),
                Optional.of(event.checkpoint())));
        return new UpdateLog(next.updates, open, requests, outdatedBy(old));
    }

    UpdateLog removed(DomainEvent.CheckpointsRemoved event) {
        return new UpdateLog(updates, open, requests, outdated.minusAll(event.artifacts()));
    }

    private TreePSet<String> outdatedBy(Update old) {
        return old.checkpoint()
                .map(checkpoint -> outdated.plus(checkpoint.artifact()))
                .orElse(outdated);
    }

    UpdateLog finished(UpdateId id, UpdateState state, Optional<String> reason, Instant at) {
        Update old = get(id);
        UpdateLog next = replaced(new Update(
                old.request(),
                old.priority(),
                old.explanation(),
                state,
                old.attempts(),
                old.token(),
                Optional.empty(),
                old.version(),
                reason,
                withStep(old, new UpdateView.Step(state, at)),
                Optional.empty()));
        return new UpdateLog(next.updates, open.minus(id.number()), requests, outdatedBy(old));
    }

    private UpdateLog replaced(Update update) {
        return new UpdateLog(updates.with(update.request().id().number() - 1, update), open, requests, outdated);
    }

    private static List<UpdateView.Step> withStep(Update update, UpdateView.Step step) {
        List<UpdateView.Step> history = new ArrayList<>(update.history());
        history.add(step);
        return history;
    }

    private static Optional<String> resumed(Update old) {
        return old.checkpoint()
                .map(checkpoint ->
                        "attempt " + (old.attempts() + 1) + " was given the checkpoint of step " + checkpoint.step());
    }
}
