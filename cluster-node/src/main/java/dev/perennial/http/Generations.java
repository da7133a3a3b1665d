package dev.perennial.http;

import dev.perennial.intake.Deadline;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.ServingCommand;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.japi.pf.PFBuilder;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.UniqueKillSwitch;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.typed.javadsl.ActorSource;

/**
 * Runs each generation on one serving actor, of this node or of another. Whichever way one ends before its last part (the
 * client gone, silence, the actor's death), the actor is told to abandon it.
 */
final class Generations {
    // Started, Finished of each choice, and a margin; Text comes at most once a token.
    private static final int MORE_PARTS_THAN_TOKENS = 16;

    private final ServingNodes serving;
    private final Duration silence;
    private final Supplier<String> keys;
    private final ActorSystem<?> system;

    /** @param silence longest wait for the first part, and for each next one */
    Generations(ServingNodes serving, Duration silence, Supplier<String> keys, ActorSystem<?> system) {
        this.serving = serving;
        this.silence = silence;
        this.keys = keys;
        this.system = system;
    }

    /** @param parts after Started; it never fails, as a failure becomes a Refused */
    record Generation(GenerationPart.Started started, Source<GenerationPart, NotUsed> parts) {}

    /**
     * @param client whose going away ends the generation
     * @return when the version that answers is known; fails with the problem where it is refused
     */
    CompletionStage<Generation> begin(GenerationRequest request, Optional<ClientConnection> client) {
        ServingNodes.Turn turn = serving.choose(request.model())
                .orElseThrow(() -> new ProblemException(Problem.unavailable(
                        "no node that writes completions is in the cluster at present; try again")));
        ActorRef<ServingCommand> actor = turn.actor();
        String key = keys.get();
        Ending ending = new Ending(request.choices());
        Pair<Pair<ActorRef<GenerationPart>, UniqueKillSwitch>, CompletionStage<First>> running = parts(
                        actor, request, ending)
                .viaMat(KillSwitches.single(), Keep.both())
                .watchTermination((both, done) -> {
                    Runnable stop = both.second()::shutdown;
                    client.ifPresent(connection -> connection.onClose(stop));
                    done.whenComplete((ended, failure) -> {
                        turn.over().run();
                        client.ifPresent(connection -> connection.forget(stop));
                        if (!ending.over) {
                            actor.tell(new ServingCommand.Abandon(key));
                        }
                    });
                    return both;
                })
                .recover(new PFBuilder<Throwable, GenerationPart>()
                        .matchAny(this::refused)
                        .build())
                .prefixAndTail(1)
                .map(pair -> new First(pair.first(), pair.second()))
                .toMat(Sink.head(), Keep.both())
                .run(system);
        actor.tell(new ServingCommand.Generate(key, request, running.first().first()));
        return running.second().thenCompose(Generations::started);
    }

    private Source<GenerationPart, ActorRef<GenerationPart>> parts(
            ActorRef<ServingCommand> actor, GenerationRequest request, Ending ending) {
        return ActorSource.<GenerationPart>actorRef(
                        part -> false,
                        part -> Optional.empty(),
                        request.choices() * (request.maxTokens() + MORE_PARTS_THAN_TOKENS),
                        OverflowStrategy.fail())
                .watch(Adapter.toClassic(actor))
                .idleTimeout(silence)
                .takeWhile(part -> !ending.isLast(part), true);
    }

    /** Knows the last part when it comes: that which finishes the last choice, or refuses them all. */
    private static final class Ending {
        private int unfinished;
        private volatile boolean over;

        Ending(int choices) {
            this.unfinished = choices;
        }

        boolean isLast(GenerationPart part) {
            if (part instanceof GenerationPart.Finished) {
                unfinished--;
            }
            over |= unfinished == 0 || part instanceof GenerationPart.Refused;
            return over;
        }
    }

    private static CompletionStage<Generation> started(First first) {
        GenerationPart part = first.parts().isEmpty() ? null : first.parts().get(0);
        if (part instanceof GenerationPart.Started started) {
            return CompletableFuture.completedFuture(new Generation(started, first.rest()));
        }
        Problem problem = part instanceof GenerationPart.Refused refused
                ? refused.problem()
                : Problem.unavailable("the completion was given up before it began");
        return CompletableFuture.failedFuture(new ProblemException(problem));
    }

    private GenerationPart refused(Throwable failure) {
        return new GenerationPart.Refused(
                Deadline.cause(failure) instanceof TimeoutException
                        ? Problem.unavailable("the model did not answer within " + Deadline.shown(silence))
                        : Errors.problem(failure));
    }

    private record First(List<GenerationPart> parts, Source<GenerationPart, NotUsed> rest) {}
}
