package dev.perennial.serving;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ServingCommand;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/** A node's inference as an actor: bounds what is under way, and knows what may be abandoned. */
public final class Serving extends AbstractBehavior<Serving.Message> {
    /** What the actor hears: commands, wrapped, and its own notes. */
    public sealed interface Message {}

    private record FromClient(ServingCommand command) implements Message {}

    private record Over(String key) implements Message {}

    private final Parts parts;
    private final Inference inference;
    private final Map<String, AtomicBoolean> running = new HashMap<>();

    /**
     * What serving works with.
     *
     * @param loader reads an adapter by its content id
     * @param inferenceThread runs one task at a time and is no dispatcher's
     * @param loadedVersions adapters kept in memory
     * @param batchRows most completions written together
     * @param waitingRequests requests under way before more are refused
     */
    public record Parts(
            BaseModel base,
            DomainAsk domains,
            Function<String, CompletionStage<Adapter>> loader,
            CompletionLog log,
            Executor inferenceThread,
            int loadedVersions,
            int batchRows,
            int waitingRequests,
            InstantSource clock) {}

    public static Behavior<ServingCommand> create(Parts parts) {
        Behavior<Message> serving = Behaviors.setup(context -> new Serving(context, parts));
        return Behaviors.transformMessages(
                ServingCommand.class, serving, match -> match.match(ServingCommand.class, FromClient::new));
    }

    private Serving(ActorContext<Message> context, Parts parts) {
        super(context);
        this.parts = parts;
        this.inference = new Inference(parts, context.getSystem().log());
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(FromClient.class, message -> command(message.command()))
                .onMessage(Over.class, over -> {
                    running.remove(over.key());
                    return this;
                })
                .onSignal(PostStop.class, signal -> stopped())
                .build();
    }

    private Behavior<Message> command(ServingCommand command) {
        if (command instanceof ServingCommand.Generate generate) {
            generate(generate);
            return this;
        }
        if (command instanceof ServingCommand.Abandon abandon) {
            AtomicBoolean abandoned = running.get(abandon.key());
            if (abandoned != null) {
                abandoned.set(true);
            }
            return this;
        }
        throw new AssertionError(command);
    }

    private void generate(ServingCommand.Generate command) {
        if (running.size() >= parts.waitingRequests()) {
            command.replyTo()
                    .tell(new GenerationPart.Refused(Problem.unavailable(
                            "this node is writing " + running.size() + " completions already; try again")));
            return;
        }
        AtomicBoolean abandoned = new AtomicBoolean();
        running.put(command.key(), abandoned);
        getContext()
                .pipeToSelf(
                        inference.answer(command.request(), command.replyTo()::tell, abandoned),
                        (done, failure) -> new Over(command.key()));
    }

    private Behavior<Message> stopped() {
        inference.close();
        return this;
    }
}
