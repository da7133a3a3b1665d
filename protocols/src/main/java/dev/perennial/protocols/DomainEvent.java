package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What happened to a domain. These are kept for ever: a field is only ever added, with a golden file and with a meaning for
 * where it is missing, and never changes its meaning.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = DomainEvent.DomainCreated.class, name = "domain-created"),
    @JsonSubTypes.Type(value = DomainEvent.ExamplesAccepted.class, name = "examples-accepted"),
    @JsonSubTypes.Type(value = DomainEvent.ExamplesDeleted.class, name = "examples-deleted"),
    @JsonSubTypes.Type(value = DomainEvent.DeletionCompleted.class, name = "deletion-completed"),
    @JsonSubTypes.Type(value = DomainEvent.UpdateRequested.class, name = "update-requested"),
    @JsonSubTypes.Type(value = DomainEvent.RequestMerged.class, name = "request-merged"),
    @JsonSubTypes.Type(value = DomainEvent.UpdateStarted.class, name = "update-started"),
    @JsonSubTypes.Type(value = DomainEvent.CheckpointTaken.class, name = "checkpoint-taken"),
    @JsonSubTypes.Type(value = DomainEvent.CheckpointsRemoved.class, name = "checkpoints-removed"),
    @JsonSubTypes.Type(value = DomainEvent.CandidateTrained.class, name = "candidate-trained"),
    @JsonSubTypes.Type(value = DomainEvent.CandidateEvaluated.class, name = "candidate-evaluated"),
    @JsonSubTypes.Type(value = DomainEvent.ExamplesSetAside.class, name = "examples-set-aside"),
    @JsonSubTypes.Type(value = DomainEvent.VersionPromoted.class, name = "version-promoted"),
    @JsonSubTypes.Type(value = DomainEvent.CandidateRejected.class, name = "candidate-rejected"),
    @JsonSubTypes.Type(value = DomainEvent.UpdateCancelled.class, name = "update-cancelled"),
    @JsonSubTypes.Type(value = DomainEvent.UpdateFailed.class, name = "update-failed"),
    @JsonSubTypes.Type(value = DomainEvent.ExamplesHeldBack.class, name = "examples-held-back"),
    @JsonSubTypes.Type(value = DomainEvent.ExamplesTriedAgain.class, name = "examples-tried-again"),
    @JsonSubTypes.Type(value = DomainEvent.VersionRolledBack.class, name = "version-rolled-back"),
    @JsonSubTypes.Type(value = DomainEvent.CompletionsCounted.class, name = "completions-counted")
})
public sealed interface DomainEvent {
    /** Every domain event is tagged so in the journal; projections follow it. */
    String TAG = "domain";

    Instant at();

    record DomainCreated(DomainId domain, String description, DomainPolicy policy, Instant at) implements DomainEvent {}

    record ExamplesAccepted(List<ExampleRef> examples, Instant at) implements DomainEvent {
        public ExamplesAccepted {
            examples = List.copyOf(examples);
        }
    }

    /** Examples were deleted, or sent again after that: in both cases their rows in the example store have to go. */
    record ExamplesDeleted(List<String> ids, Instant at) implements DomainEvent {
        public ExamplesDeleted {
            ids = List.copyOf(ids);
        }
    }

    /** The rows of these deleted examples are gone from the example store. */
    record DeletionCompleted(List<String> ids, Instant at) implements DomainEvent {
        public DeletionCompleted {
            ids = List.copyOf(ids);
        }
    }

    /** @param key the caller's id of the request */
    record UpdateRequested(UpdateRequest request, String key, double priority, String explanation, Instant at)
            implements DomainEvent {}

    /**
     * A request that came while another update was queued, which does its work as well.
     *
     * @param key the caller's id of the request, by which a repetition is known
     * @param request what both together ask for; empty in journals of before that was told, where it changed nothing
     */
    record RequestMerged(
            UpdateId update,
            String key,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<UpdateRequest> request,
            Instant at)
            implements DomainEvent {
        public RequestMerged {
            request = Objects.requireNonNullElse(request, Optional.empty());
        }
    }

    /**
     * @param examples how many of the waiting examples, oldest first, this update learns
     * @param seed of everything random in this update
     */
    record UpdateStarted(UpdateId update, long token, VersionId parent, int examples, long seed, Instant at)
            implements DomainEvent {}

    /** A running update can be taken up from here; what it was taken up from before is not needed any more. */
    record CheckpointTaken(UpdateId update, Checkpoint checkpoint, Instant at) implements DomainEvent {}

    /** These checkpoints, which no update needs, are gone from the artifact store. */
    record CheckpointsRemoved(List<String> artifacts, Instant at) implements DomainEvent {
        public CheckpointsRemoved {
            artifacts = List.copyOf(artifacts);
        }
    }

    /** @param fisher as {@link Candidate#fisher} */
    record CandidateTrained(
            UpdateId update,
            VersionId version,
            VersionId parent,
            String artifact,
            Manifest manifest,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> fisher,
            Instant at)
            implements DomainEvent {
        public CandidateTrained {
            fisher = Objects.requireNonNullElse(fisher, Optional.empty());
        }
    }

    record CandidateEvaluated(UpdateId update, VersionId version, Evaluation evaluation, GateReport report, Instant at)
            implements DomainEvent {}

    /**
     * An update found new examples that contradict each other or that nothing explains, and trained on none of them.
     *
     * @param groups ids of those that contradict each other; a group has one alone where the others were deleted while the
     *     update ran, and that one waits again
     * @param outliers ids of those that nothing explains; they are never learned
     */
    record ExamplesSetAside(
            UpdateId update,
            List<List<String>> groups,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> outliers,
            Instant at)
            implements DomainEvent {
        public ExamplesSetAside {
            groups = groups.stream().map(List::copyOf).toList();
            outliers = List.copyOf(Objects.requireNonNullElse(outliers, List.of()));
        }

        /** Without outliers. */
        public ExamplesSetAside(UpdateId update, List<List<String>> groups, Instant at) {
            this(update, groups, List.of(), at);
        }
    }

    /** @param measurements of the examples that it was trained on, by which the replay buffer chooses */
    record VersionPromoted(
            UpdateId update,
            VersionId version,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Measurement> measurements,
            Instant at)
            implements DomainEvent {
        public VersionPromoted {
            measurements = List.copyOf(Objects.requireNonNullElse(measurements, List.of()));
        }
    }

    record CandidateRejected(UpdateId update, VersionId version, String reason, Instant at) implements DomainEvent {}

    record UpdateCancelled(UpdateId update, String reason, Instant at) implements DomainEvent {}

    record UpdateFailed(UpdateId update, String reason, Instant at) implements DomainEvent {}

    /** The examples that the update was at work on are kept apart, so that others can be learned; it fails next. */
    record ExamplesHeldBack(UpdateId update, Instant at) implements DomainEvent {}

    /**
     * A group of examples that were held back waits again.
     *
     * @param update that is to learn them
     * @param first number of the first of them
     */
    record ExamplesTriedAgain(UpdateId update, long first, Instant at) implements DomainEvent {}

    /** @param key the caller's id of the request */
    record VersionRolledBack(VersionId from, VersionId to, String reason, String key, Instant at)
            implements DomainEvent {}

    /** So many completions were asked of the domain since the last of these events; some more may be uncounted after a crash. */
    record CompletionsCounted(long completions, Instant at) implements DomainEvent {}
}
