package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What the scheduler tells a trainer. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TrainerCommand.Train.class, name = "train"),
    @JsonSubTypes.Type(value = TrainerCommand.Pause.class, name = "pause"),
    @JsonSubTypes.Type(value = TrainerCommand.Stop.class, name = "stop")
})
public sealed interface TrainerCommand {
    /** Told again until the trainer's heartbeat shows the lease; a trainer that works under it already ignores it. */
    record Train(Lease lease) implements TrainerCommand {}

    /** Take a checkpoint when the step in flight ends, and then return the lease; what is trained already is finished. */
    record Pause(Lease lease, String reason) implements TrainerCommand {}

    /** The lease is over: stop as soon as the step in flight ends, and report nothing. */
    record Stop(Lease lease, String reason) implements TrainerCommand {}
}
