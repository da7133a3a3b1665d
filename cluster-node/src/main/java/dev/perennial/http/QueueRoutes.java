package dev.perennial.http;

import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import dev.perennial.intake.Deadline;
import dev.perennial.protocols.Bounds;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerCommand;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** The scheduler's queue, its trainers and their leases, and what tenants have used. */
final class QueueRoutes extends AllDirectives {
    private static final int STANDARD_LIMIT = 1_000;
    private static final int MOST = 10_000;

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
                () -> get(() -> parameterOptional(
                        "limit",
                        limit -> completeWithFuture(Deadline.within(timeout, "the scheduler", ask(limit(limit)))
                                .thenApply(Answers::ok)))));
    }

    private static int limit(Optional<String> given) {
        try {
            return Bounds.integer("limit", given.map(Integer::parseInt).orElse(STANDARD_LIMIT), 1, MOST);
        } catch (NumberFormatException e) {
            throw new ProblemException(
                    Problem.invalid("limit", "limit is an integer; got '" + Problem.shorten(given.orElse("")) + "'"));
        }
    }

    /** For its counts: requests are as good as left out. */
    CompletionStage<QueueView> counts() {
        return Deadline.within(timeout, "the scheduler", ask(1));
    }

    private CompletionStage<QueueView> ask(int limit) {
        return AskPattern.ask(
                scheduler, replyTo -> new SchedulerCommand.ShowQueue(limit, replyTo), timeout, system.scheduler());
    }
}
