package dev.perennial.domain;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.DomainSnapshot.Attempt;
import dev.perennial.protocols.DomainSnapshot.Update;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateState;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that a domain's events say. The big collections share structure between states, so that an event costs what it
 * touches and not what the domain holds.
 */
public record DomainState(
        DomainId id,
        String description,
        DomainPolicy policy,
        Instant createdAt,
        ExampleLedger examples,
        UpdateLog updates,
        Lineage lineage) {
    /** The state after an event; the first event of a domain creates it. */
    public static DomainState fold(Optional<DomainState> state, DomainEvent event) {
        if (event instanceof DomainEvent.DomainCreated created) {
            if (state.isPresent()) {
                throw new AssertionError("created twice: " + created);
            }
            return new DomainState(
                    created.domain(),
                    created.description(),
                    created.policy(),
                    created.at(),
                    ExampleLedger.empty(created.domain(), created.policy()),
                    UpdateLog.EMPTY,
                    Lineage.EMPTY);
        }
        return state.orElseThrow(() -> new AssertionError("before its domain was created: " + event))
                .apply(event);
    }

    public DomainState apply(DomainEvent event) {
        if (event instanceof DomainEvent.DomainCreated) {
            return fold(Optional.of(this), event);
        } else if (event instanceof DomainEvent.ExamplesAccepted accepted) {
            return with(examples.accept(accepted.examples()));
        } else if (event instanceof DomainEvent.ExamplesDeleted deleted) {
            return with(examples.delete(deleted.ids()));
        } else if (event instanceof DomainEvent.DeletionCompleted completed) {
            return with(examples.deletionCompleted(completed.ids()));
        } else if (event instanceof DomainEvent.ExamplesSetAside setAside) {
            return with(examples.setAside(setAside));
        } else if (event instanceof DomainEvent.UpdateRequested requested) {
            return with(updates.requested(requested));
        } else if (event instanceof DomainEvent.RequestMerged merged) {
            return with(updates.merged(merged));
        } else if (event instanceof DomainEvent.UpdateStarted started) {
            return with(updates.started(
                    started, examples.attempt(started, policy.gate().heldOutShare())));
        } else if (event instanceof DomainEvent.CheckpointTaken taken) {
            return with(updates.checkpointed(taken));
        } else if (event instanceof DomainEvent.CheckpointsRemoved removed) {
            return with(updates.removed(removed));
        } else if (event instanceof DomainEvent.CandidateTrained trained) {
            return with(updates.trained(trained.update(), trained.version())).with(lineage.trained(trained));
        } else if (event instanceof DomainEvent.CandidateEvaluated evaluated) {
            return with(lineage.evaluated(evaluated));
        } else if (event instanceof DomainEvent.VersionPromoted promoted) {
            return promote(promoted);
        } else if (event instanceof DomainEvent.CandidateRejected rejected) {
            return finish(rejected.update(), UpdateState.REJECTED, rejected.reason(), rejected.at());
        } else if (event instanceof DomainEvent.UpdateCancelled cancelled) {
            return finish(cancelled.update(), UpdateState.CANCELLED, cancelled.reason(), cancelled.at());
        } else if (event instanceof DomainEvent.UpdateFailed failed) {
            return finish(failed.update(), UpdateState.FAILED, failed.reason(), failed.at());
        } else if (event instanceof DomainEvent.VersionRolledBack rolledBack) {
            return with(lineage.rolledBack(rolledBack));
        }
        throw new AssertionError(event);
    }

    private DomainState promote(DomainEvent.VersionPromoted promoted) {
        Attempt learned = updates.get(promoted.update())
                .attempt()
                .orElseThrow(() -> new AssertionError("promoted before it was started: " + promoted));
        return new DomainState(
                id,
                description,
                policy,
                createdAt,
                examples.learn(learned, promoted),
                updates.finished(promoted.update(), UpdateState.LIVE, Optional.empty(), promoted.at()),
                lineage.promoted(promoted.version().number()));
    }

    private DomainState finish(UpdateId update, UpdateState state, String reason, Instant at) {
        return with(updates.finished(update, state, Optional.of(reason), at));
    }

    private DomainState with(ExampleLedger next) {
        return new DomainState(id, description, policy, createdAt, next, updates, lineage);
    }

    private DomainState with(UpdateLog next) {
        return new DomainState(id, description, policy, createdAt, examples, next, lineage);
    }

    private DomainState with(Lineage next) {
        return new DomainState(id, description, policy, createdAt, examples, updates, next);
    }

    public VersionId live() {
        return new VersionId(id, lineage.live());
    }

    /** New examples that no update has learned or is at work on. */
    public int fresh() {
        int taken = updates.inState(UpdateState.RUNNING)
                .flatMap(Update::attempt)
                .map(attempt -> examples.taken(attempt).size())
                .orElse(0);
        return examples.waiting().size() - taken;
    }

    /** Ids of deleted examples whose rows may still be in the example store. */
    public Set<String> rowsToRemove() {
        return examples.deletion().removing();
    }

    /** Artifacts of checkpoints that no update needs and that may still be in the artifact store. */
    public Set<String> outdatedCheckpoints() {
        return updates.outdated();
    }

    /** @return the updates that the scheduler has to know of, oldest first */
    public List<UpdateRequest> openRequests() {
        return updates.opened().stream().map(Update::request).toList();
    }

    /** @return updates that became final at {@code since} or later, oldest first */
    public List<UpdateId> closedSince(Instant since) {
        return updates.updates().stream()
                .filter(update ->
                        update.state().isFinal() && !Views.lastChange(update).isBefore(since))
                .map(update -> update.request().id())
                .toList();
    }

    public static DomainState fromSnapshot(DomainSnapshot snapshot) {
        return new DomainState(
                snapshot.id(),
                snapshot.description(),
                snapshot.policy(),
                snapshot.createdAt(),
                ExampleLedger.of(snapshot),
                UpdateLog.of(snapshot),
                Lineage.of(snapshot));
    }

    public DomainSnapshot toSnapshot() {
        return new DomainSnapshot(
                DomainSnapshot.FORM,
                id,
                description,
                policy,
                createdAt,
                examples.settled(),
                List.copyOf(examples.deletion().deleted()),
                List.copyOf(examples.deletion().removing()),
                examples.waiting().toSnapshot(),
                examples.conflicts().toSnapshot(),
                examples.next(),
                examples.replay().toSnapshot(),
                examples.retained().toSnapshot(),
                updates.updates(),
                updates.requests(),
                lineage.live(),
                lineage.versions(),
                List.copyOf(lineage.rollbacks()),
                List.copyOf(updates.outdated()));
    }
}
