package dev.perennial.http;

import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import dev.perennial.intake.Deadline;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerCommand;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** The scheduler's queue, its trainers and their leases. */
final class QueueRoutes extends AllDirectives {
    private final ActorRef<SchedulerCommand> scheduler;
    private final Duration timeout;
    private final ActorSystem<?> system;

    QueueRoutes(ActorRef<SchedulerCommand> scheduler, Duration timeout, ActorSystem<?> system) {
        this.scheduler = scheduler;
        this.timeout = timeout;
        this.system = system;
    }

    Route routes() {
        return path(
                segment("v1").slash("queue"),
                () -> get(() -> completeWithFuture(
                        Deadline.within(timeout, "the scheduler", ask()).thenApply(Answers::ok))));
    }

    private CompletionStage<QueueView> ask() {
        return AskPattern.ask(scheduler, SchedulerCommand.ShowQueue::new, timeout, system.scheduler());
    }
}
