package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** What the scheduler decided. Kept for ever, as {@link DomainEvent} is. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SchedulerEvent.RequestQueued.class, name = "request-queued"),
    @JsonSubTypes.Type(value = SchedulerEvent.RequestChanged.class, name = "request-changed"),
    @JsonSubTypes.Type(value = SchedulerEvent.LeaseGranted.class, name = "lease-granted"),
    @JsonSubTypes.Type(value = SchedulerEvent.LeaseEnded.class, name = "lease-ended"),
    @JsonSubTypes.Type(value = SchedulerEvent.PreemptionAsked.class, name = "preemption-asked"),
    @JsonSubTypes.Type(value = SchedulerEvent.LeaseYielded.class, name = "lease-yielded"),
    @JsonSubTypes.Type(value = SchedulerEvent.LeaseReturned.class, name = "lease-returned"),
    @JsonSubTypes.Type(value = SchedulerEvent.RequestRemoved.class, name = "request-removed")
})
public sealed interface SchedulerEvent {
    /** Every scheduler event is tagged so in the journal. */
    String TAG = "scheduler";

    Instant at();

    record RequestQueued(UpdateRequest request, Instant at) implements SchedulerEvent {}

    /** Another request was merged into one that waits, which says more or is more urgent now. */
    record RequestChanged(UpdateRequest request, Instant at) implements SchedulerEvent {}

    /**
     * @param token grows with every lease ever granted
     * @param placement why this trainer got it; empty in journals of before it was said
     */
    record LeaseGranted(
            UpdateId update,
            long token,
            String trainer,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> placement,
            Instant at)
            implements SchedulerEvent {
        public LeaseGranted {
            placement = Objects.requireNonNullElse(placement, Optional.empty());
        }

        /** Without saying why. */
        public LeaseGranted(UpdateId update, long token, String trainer, Instant at) {
            this(update, token, trainer, Optional.empty(), at);
        }
    }

    /** The trainer died, fell silent or gave up; the request waits again. */
    record LeaseEnded(UpdateId update, long token, String reason, Instant at) implements SchedulerEvent {}

    /** The trainer gave the lease back for a reason of its own; the request waits again, and no attempt is counted. */
    record LeaseReturned(UpdateId update, long token, String reason, Instant at) implements SchedulerEvent {}

    /**
     * The trainer was asked to stop at its next checkpoint.
     *
     * @param urgent the update that is to run in its place
     */
    record PreemptionAsked(UpdateId update, long token, UpdateId urgent, Instant at) implements SchedulerEvent {}

    /** The trainer stopped because it was asked to; the request waits again, and no attempt is counted. */
    record LeaseYielded(UpdateId update, long token, Instant at) implements SchedulerEvent {}

    /**
     * The update is final, or its domain has its candidate.
     *
     * @param gpuSeconds how long the lease was held under which the candidate was made; empty where none was, and in
     *     journals of before it was measured
     */
    record RequestRemoved(
            UpdateId update,
            String reason,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Double> gpuSeconds,
            Instant at)
            implements SchedulerEvent {
        public RequestRemoved {
            gpuSeconds = Objects.requireNonNullElse(gpuSeconds, Optional.empty());
        }
    }
}
