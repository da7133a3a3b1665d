package dev.perennial.domain;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.DomainSnapshot.Attempt;
import dev.perennial.protocols.DomainSnapshot.Update;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.RequestRule;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateState;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
        Lineage lineage,
        Pulse pulse) {
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
                    Lineage.EMPTY,
                    Pulse.from(created.at()));
        }
        return state.orElseThrow(() -> new AssertionError("before its domain was created: " + event))
                .apply(event);
    }

    public DomainState apply(DomainEvent event) {
        if (event instanceof DomainEvent.DomainCreated) {
            return fold(Optional.of(this), event);
        } else if (event instanceof DomainEvent.ExamplesAccepted accepted) {
            return accept(accepted);
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
        } else if (event instanceof DomainEvent.ExamplesHeldBack heldBack) {
            Attempt given = updates.get(heldBack.update()).attempt().orElseThrow();
            return with(examples.holdBack(heldBack.update(), given));
        } else if (event instanceof DomainEvent.ExamplesTriedAgain tried) {
            return with(examples.tryAgain(tried));
        } else if (event instanceof DomainEvent.VersionRolledBack rolledBack) {
            return with(lineage.rolledBack(rolledBack));
        } else if (event instanceof DomainEvent.CompletionsCounted counted) {
            return with(pulse.asked(counted.completions(), counted.at()));
        }
        throw new AssertionError(event);
    }

    private DomainState accept(DomainEvent.ExamplesAccepted accepted) {
        ExampleLedger next = examples.accept(accepted.examples());
        long learnable = accepted.examples().stream()
                .filter(example -> example.use() == ExampleUse.TRAIN)
                .count();
        long oldest = next.waiting().oldest(1).stream()
                .findFirst()
                .map(Map.Entry::getKey)
                .orElse(next.next());
        return with(next).with(pulse.accepted(examples.next(), learnable, oldest, accepted.at()));
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
                lineage.promoted(promoted.version().number()),
                pulse);
    }

    private DomainState finish(UpdateId update, UpdateState state, String reason, Instant at) {
        return with(updates.finished(update, state, Optional.of(reason), at));
    }

    private DomainState with(ExampleLedger next) {
        return new DomainState(id, description, policy, createdAt, next, updates, lineage, pulse);
    }

    private DomainState with(UpdateLog next) {
        return new DomainState(id, description, policy, createdAt, examples, next, lineage, pulse);
    }

    private DomainState with(Lineage next) {
        return new DomainState(id, description, policy, createdAt, examples, updates, next, pulse);
    }

    private DomainState with(Pulse next) {
        return new DomainState(id, description, policy, createdAt, examples, updates, lineage, next);
    }

    public VersionId live() {
        return new VersionId(id, lineage.live());
    }

    /** New examples that no update has learned or is at work on, or is to learn while another one is queued. */
    public int fresh() {
        int taken = updates.inState(UpdateState.RUNNING)
                .flatMap(Update::attempt)
                .map(attempt -> examples.taken(attempt).size())
                .orElse(0);
        int promised = policy.scheduling().requests() == RequestRule.QUEUE ? queuedExamples() : 0;
        return Math.max(0, examples.waiting().size() - taken - promised);
    }

    private int queuedExamples() {
        return updates.opened().stream()
                .filter(update -> update.state() == UpdateState.QUEUED)
                .mapToInt(update -> update.request().examples())
                .sum();
    }

    /** Ids of deleted examples whose rows may still be in the example store. */
    public Set<String> rowsToRemove() {
        return examples.deletion().removing();
    }

    /** How many examples it knows, those that it has learned too. */
    public int examplesKnown() {
        return examples.accepted().size();
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
                Lineage.of(snapshot),
                Pulse.of(snapshot.pulse()));
    }

    public DomainSnapshot toSnapshot() {
        return new DomainSnapshot(
                DomainSnapshot.FORM,
                id,
                description,
                policy,
                createdAt,
                examples.accepted().pack(),
                examples.deletion().deleted().pack(),
                List.copyOf(examples.deletion().removing()),
                examples.waiting().pack(),
                examples.conflicts().toSnapshot(),
                examples.heldBack().toSnapshot(),
                examples.heldBack().trial(),
                examples.next(),
                examples.replay().toSnapshot(),
                examples.retained().toSnapshot(),
                updates.updates(),
                updates.requests(),
                lineage.live(),
                lineage.versions(),
                List.copyOf(lineage.rollbacks()),
                List.copyOf(updates.outdated()),
                pulse.toSnapshot());
    }
}
