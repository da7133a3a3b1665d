package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;

/** What the scheduler decided. Kept for ever, as {@link DomainEvent} is. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SchedulerEvent.RequestQueued.class, name = "request-queued"),
    @JsonSubTypes.Type(value = SchedulerEvent.LeaseGranted.class, name = "lease-granted"),
    @JsonSubTypes.Type(value = SchedulerEvent.LeaseEnded.class, name = "lease-ended"),
    @JsonSubTypes.Type(value = SchedulerEvent.RequestRemoved.class, name = "request-removed")
})
public sealed interface SchedulerEvent {
    /** Every scheduler event is tagged so in the journal. */
    String TAG = "scheduler";

    Instant at();

    record RequestQueued(UpdateRequest request, Instant at) implements SchedulerEvent {}

    /** @param token grows with every lease ever granted */
    record LeaseGranted(UpdateId update, long token, String trainer, Instant at) implements SchedulerEvent {}

    /** The trainer died, fell silent or gave up; the request waits again. */
    record LeaseEnded(UpdateId update, long token, String reason, Instant at) implements SchedulerEvent {}

    /** The update is final. */
    record RequestRemoved(UpdateId update, String reason, Instant at) implements SchedulerEvent {}
}
