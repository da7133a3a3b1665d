package dev.perennial.trainer;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.TrainerCommand;
import dev.perennial.trainer.TrainingJob.HandedBack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Takes one lease at a time from the scheduler. Its heartbeat renews the lease, asks for work, says what the trainer can do,
 * and brings the progress of a running update to its domain; training itself runs elsewhere, so that a heartbeat is never
 * late for it. Since a native call that hangs leaves the heartbeat alive, the heartbeat also watches the native work: where
 * that says nothing for too long, the update is abandoned and its lease ends as after any other failure.
 *
 * <p>A trainer that drains takes no more leases. It has its update paused at the next step, and hands the lease back once the
 * checkpoint is with the domain, which counts as no attempt; what is trained already is finished instead. After the grace
 * period the lease is handed back as it is, and the update goes on elsewhere from its latest checkpoint.
 */
public final class Trainer extends AbstractBehavior<Trainer.Message> {
    private static final Duration HEARD = Duration.ofSeconds(2);

    /** What the trainer hears. */
    public sealed interface Message {}

    /** Take no more leases and get rid of the one that is held; answered when that is done. */
    public record Drain(ActorRef<Done> replyTo) implements Message {}

    private record FromScheduler(TrainerCommand command) implements Message {}

    private record Beat() implements Message {}

    private record GraceOver() implements Message {}

    private record Ended(Lease lease, End end) implements Message {}

    private record HandBackHeard(Lease lease, String reason, boolean acknowledged) implements Message {}

    private enum Outcome {
        FINISHED,
        FAILED,
        HANDED_BACK
    }

    private record End(Outcome outcome, String reason) {}

    /**
     * How a trainer behaves.
     *
     * @param name unique in the cluster
     * @param heartbeat how often the scheduler hears of it
     * @param hangTimeout longest silence of native work
     * @param grace how long draining may take
     */
    public record Rules(String name, Duration heartbeat, Duration hangTimeout, Duration grace) {}

    private final TimerScheduler<Message> timers;
    private final Rules rules;
    private final ActorRef<SchedulerCommand> scheduler;
    private final TrainingJob.Parts parts;
    private final Capabilities capabilities;
    private final ActorRef<TrainerCommand> fromScheduler;
    private final List<ActorRef<Done>> drained = new ArrayList<>();
    private boolean draining;
    private boolean handingBack;
    private @Nullable TrainingJob job;
    private @Nullable Progress told;

    static Behavior<Message> create(
            Rules rules, ActorRef<SchedulerCommand> scheduler, TrainingJob.Parts parts, Capabilities capabilities) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(new Beat(), Duration.ZERO, rules.heartbeat());
            return new Trainer(context, timers, rules, scheduler, parts, capabilities);
        }));
    }

    private Trainer(
            ActorContext<Message> context,
            TimerScheduler<Message> timers,
            Rules rules,
            ActorRef<SchedulerCommand> scheduler,
            TrainingJob.Parts parts,
            Capabilities capabilities) {
        super(context);
        this.timers = timers;
        this.rules = rules;
        this.scheduler = scheduler;
        this.parts = parts;
        this.capabilities = capabilities;
        this.fromScheduler = context.messageAdapter(TrainerCommand.class, FromScheduler::new);
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Beat.class, beat -> beat())
                .onMessage(FromScheduler.class, message -> command(message.command()))
                .onMessage(Ended.class, this::ended)
                .onMessage(Drain.class, this::drain)
                .onMessage(GraceOver.class, over -> graceOver())
                .onMessage(HandBackHeard.class, this::handBackHeard)
                .onSignal(PostStop.class, signal -> stop())
                .build();
    }

    private Behavior<Message> beat() {
        scheduler.tell(new SchedulerCommand.TrainerAlive(
                rules.name(),
                Optional.ofNullable(job).map(TrainingJob::lease),
                Optional.of(capabilities.now()),
                !takesMore(),
                fromScheduler));
        if (job != null) {
            tellProgress(job);
            watch(job);
        }
        return this;
    }

    private boolean takesMore() {
        return !draining && parts.workshop().isUsable();
    }

    private void tellProgress(TrainingJob running) {
        Progress progress = running.progress();
        if (!progress.equals(told)) {
            told = progress;
            Lease lease = running.lease();
            // Progress that does not arrive is told again by the next beat.
            parts.domains()
                    .ask(
                            lease.update().domain(),
                            new DomainCommand.ReportProgress(lease.update(), lease.token(), progress))
                    .exceptionally(lost -> new DomainReply.Done());
        }
    }

    private void watch(TrainingJob running) {
        Duration silence = running.silence();
        if (silence.compareTo(rules.hangTimeout()) > 0) {
            Progress at = running.progress();
            running.abandon("hung: nothing was heard of it for " + silence.toSeconds() + " s, at step " + at.step()
                    + " of " + at.steps() + " while " + at.phase());
            if (!parts.workshop().isUsable()) {
                getContext()
                        .getLog()
                        .error("Too many updates hang here; this trainer takes no more until it is restarted");
            }
        }
    }

    private Behavior<Message> command(TrainerCommand command) {
        if (command instanceof TrainerCommand.Train train) {
            if (job == null && takesMore()) {
                begin(train.lease());
            } else if (job == null && !handingBack) {
                // It was granted before the scheduler heard of that.
                handBack(train.lease(), "this trainer takes no more");
            }
            return this;
        }
        if (command instanceof TrainerCommand.Pause pause) {
            if (job != null && job.lease().equals(pause.lease())) {
                getContext().getLog().info("Pausing {}: {}", pause.lease().update(), pause.reason());
                job.pause();
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
        getContext().pipeToSelf(started.start(), (reply, failure) -> {
            if (failure == null) {
                capabilities.worked(reply);
            }
            return new Ended(lease, end(failure));
        });
    }

    private static End end(@Nullable Throwable failure) {
        if (failure == null) {
            return new End(Outcome.FINISHED, "");
        }
        Throwable cause = Patience.cause(failure);
        return new End(cause instanceof HandedBack ? Outcome.HANDED_BACK : Outcome.FAILED, explain(cause));
    }

    private static String explain(Throwable cause) {
        if (cause instanceof CancellationException && cause.getMessage() != null) {
            return cause.getMessage();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private Behavior<Message> ended(Ended ended) {
        if (job == null || !job.lease().equals(ended.lease())) {
            return this;
        }
        // What was asked to stop and did is nothing to warn of.
        boolean asked = job.isCancelled();
        job = null;
        told = null;
        End end = ended.end();
        if (end.outcome() != Outcome.FINISHED) {
            boolean expected = asked || end.outcome() == Outcome.HANDED_BACK;
            getContext()
                    .getLog()
                    .atLevel(expected ? Level.INFO : Level.WARN)
                    .log("{} ended: {}", ended.lease().update(), end.reason());
        }
        if (end.outcome() == Outcome.HANDED_BACK) {
            handBack(ended.lease(), end.reason());
        } else {
            Optional<String> failure = end.outcome() == Outcome.FAILED ? Optional.of(end.reason()) : Optional.empty();
            scheduler.tell(new SchedulerCommand.LeaseFinished(rules.name(), ended.lease(), failure));
        }
        beat();
        tellDrained();
        return this;
    }

    private void handBack(Lease lease, String reason) {
        handingBack = true;
        getContext()
                .<SchedulerCommand, SchedulerCommand.Acknowledged>ask(
                        SchedulerCommand.Acknowledged.class,
                        scheduler,
                        HEARD,
                        replyTo -> new SchedulerCommand.ReturnLease(rules.name(), lease, reason, replyTo),
                        (reply, lost) -> new HandBackHeard(lease, reason, reply != null));
    }

    /** Told once more where it was not heard: a lease that ends by silence would cost an attempt. */
    private Behavior<Message> handBackHeard(HandBackHeard heard) {
        handingBack = false;
        if (!heard.acknowledged() && job == null && (!draining || timers.isTimerActive(GraceOver.class))) {
            handBack(heard.lease(), heard.reason());
        } else {
            tellDrained();
        }
        return this;
    }

    private Behavior<Message> drain(Drain drain) {
        drained.add(drain.replyTo());
        if (!draining) {
            draining = true;
            timers.startSingleTimer(GraceOver.class, new GraceOver(), rules.grace());
            if (job != null) {
                getContext()
                        .getLog()
                        .info(
                                "Draining: {} is to be paused or finished",
                                job.lease().update());
                job.pause();
            }
            beat();
        }
        tellDrained();
        return this;
    }

    private Behavior<Message> graceOver() {
        if (job != null) {
            Lease lease = job.lease();
            job.abandon("this trainer stops");
            job = null;
            handBack(lease, "stopped before it had paused");
        }
        return this;
    }

    private void tellDrained() {
        if (draining && job == null && !handingBack) {
            timers.cancel(GraceOver.class);
            drained.forEach(waiting -> waiting.tell(Done.getInstance()));
            drained.clear();
        }
    }

    private Behavior<Message> stop() {
        if (job != null) {
            job.cancel();
        }
        return this;
    }
}
