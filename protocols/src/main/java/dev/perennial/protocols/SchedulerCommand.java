package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Objects;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** What the scheduler singleton understands. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SchedulerCommand.Enqueue.class, name = "enqueue"),
    @JsonSubTypes.Type(value = SchedulerCommand.Withdraw.class, name = "withdraw"),
    @JsonSubTypes.Type(value = SchedulerCommand.TrainerAlive.class, name = "trainer-alive"),
    @JsonSubTypes.Type(value = SchedulerCommand.LeaseFinished.class, name = "lease-finished"),
    @JsonSubTypes.Type(value = SchedulerCommand.ReturnLease.class, name = "return-lease"),
    @JsonSubTypes.Type(value = SchedulerCommand.ShowQueue.class, name = "show-queue")
})
public sealed interface SchedulerCommand {
    /** Told at least once by the domain; a request that is known already is acknowledged again, and what is new of it taken over. */
    record Enqueue(UpdateRequest request, ActorRef<Acknowledged> replyTo) implements SchedulerCommand {}

    /**
     * The update has become final in its domain: take it out and stop whoever works on it.
     *
     * @param trained whether that is by its candidate, so that its lease was as long as an update takes; an older build does not say
     */
    record Withdraw(UpdateId update, String reason, boolean trained, ActorRef<Acknowledged> replyTo)
            implements SchedulerCommand {}

    /**
     * A trainer's heartbeat: registers it, renews its lease, and asks for work where it has none.
     *
     * @param capabilities empty where a build of before they were told says it
     * @param draining whether it takes no more leases
     */
    record TrainerAlive(
            String trainer,
            Optional<Lease> lease,
            Optional<TrainerCapabilities> capabilities,
            boolean draining,
            ActorRef<TrainerCommand> replyTo)
            implements SchedulerCommand {
        public TrainerAlive {
            capabilities = Objects.requireNonNullElse(capabilities, Optional.empty());
        }

        /** Of which nothing is known but that it takes leases. */
        public TrainerAlive(String trainer, Optional<Lease> lease, ActorRef<TrainerCommand> replyTo) {
            this(trainer, lease, Optional.empty(), false, replyTo);
        }
    }

    /** @param failure empty where the domain has the candidate */
    record LeaseFinished(String trainer, Lease lease, Optional<String> failure) implements SchedulerCommand {}

    /**
     * The trainer gives a lease back that it cannot use, which counts as no attempt: another may go on at once. Acknowledged
     * too where the lease is not held any more.
     */
    record ReturnLease(String trainer, Lease lease, String reason, ActorRef<Acknowledged> replyTo)
            implements SchedulerCommand {}

    /** @param limit requests at most */
    record ShowQueue(int limit, ActorRef<QueueView> replyTo) implements SchedulerCommand {}

    /** @param update what was acknowledged */
    record Acknowledged(UpdateId update) {}
}
