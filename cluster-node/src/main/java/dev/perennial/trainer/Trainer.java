package dev.perennial.trainer;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.TrainerCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Takes one lease at a time from the scheduler. Its heartbeat renews the lease, asks for work, and brings the progress of a
 * running update to its domain; training itself runs on a thread of its own, so that a heartbeat is never late for it.
 */
public final class Trainer extends AbstractBehavior<Trainer.Message> {
    /** What the trainer hears. */
    public sealed interface Message {}

    private record FromScheduler(TrainerCommand command) implements Message {}

    private record Beat() implements Message {}

    private record Ended(Lease lease, Optional<String> failure) implements Message {}

    private final String name;
    private final ActorRef<SchedulerCommand> scheduler;
    private final TrainingJob.Parts parts;
    private final ActorRef<TrainerCommand> fromScheduler;
    private @Nullable TrainingJob job;
    private @Nullable Progress told;

    /**
     * @param name unique in the cluster
     * @param baseDirectory holds the base's general suite
     * @param trainingThread runs one task at a time and is no dispatcher's
     */
    public static Behavior<Message> create(
            String name,
            ActorRef<SchedulerCommand> scheduler,
            BaseModel base,
            Path baseDirectory,
            DomainAsk domains,
            ExampleSource examples,
            AdapterStore adapters,
            Executor trainingThread,
            Duration heartbeat) {
        GeneralSuite general = GeneralSuite.read(baseDirectory, new SequenceEncoder(base));
        TrainingJob.Parts parts = new TrainingJob.Parts(base, general, domains, examples, adapters, trainingThread);
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(new Beat(), Duration.ZERO, heartbeat);
            return new Trainer(context, name, scheduler, parts);
        }));
    }

    private Trainer(
            ActorContext<Message> context, String name, ActorRef<SchedulerCommand> scheduler, TrainingJob.Parts parts) {
        super(context);
        this.name = name;
        this.scheduler = scheduler;
        this.parts = parts;
        this.fromScheduler = context.messageAdapter(TrainerCommand.class, FromScheduler::new);
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Beat.class, beat -> beat())
                .onMessage(FromScheduler.class, message -> command(message.command()))
                .onMessage(Ended.class, this::ended)
                .onSignal(PostStop.class, signal -> stop())
                .build();
    }

    private Behavior<Message> beat() {
        scheduler.tell(new SchedulerCommand.TrainerAlive(
                name, Optional.ofNullable(job).map(TrainingJob::lease), fromScheduler));
        if (job != null && !job.progress().equals(told)) {
            told = job.progress();
            Lease lease = job.lease();
            // Progress that does not arrive is told again by the next beat.
            parts.domains()
                    .ask(lease.update().domain(), new DomainCommand.ReportProgress(lease.update(), lease.token(), told))
                    .exceptionally(lost -> new dev.perennial.protocols.DomainReply.Done());
        }
        return this;
    }

    private Behavior<Message> command(TrainerCommand command) {
        if (command instanceof TrainerCommand.Train train) {
            if (job == null) {
                begin(train.lease());
            }
            return this;
        }
        if (command instanceof TrainerCommand.Stop stop) {
            if (job != null && job.lease().equals(stop.lease())) {
                getContext().getLog().info("Stopping {}: {}", stop.lease().update(), stop.reason());
                job.cancel();
            }
            return this;
        }
        throw new AssertionError(command);
    }

    private void begin(Lease lease) {
        TrainingJob started = new TrainingJob(lease, parts);
        job = started;
        getContext()
                .pipeToSelf(
                        started.start(),
                        (reply, failure) ->
                                new Ended(lease, Optional.ofNullable(failure).map(Trainer::explain)));
    }

    private static String explain(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof CancellationException && cause.getMessage() != null) {
            return cause.getMessage();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private Behavior<Message> ended(Ended end) {
        // What was asked to stop and did is nothing to warn of.
        boolean asked = job != null && job.isCancelled();
        job = null;
        told = null;
        end.failure()
                .ifPresent(reason -> getContext()
                        .getLog()
                        .atLevel(asked ? Level.INFO : Level.WARN)
                        .log("{} ended: {}", end.lease().update(), reason));
        scheduler.tell(new SchedulerCommand.LeaseFinished(name, end.lease(), end.failure()));
        return beat();
    }

    private Behavior<Message> stop() {
        if (job != null) {
            job.cancel();
        }
        return this;
    }
}
