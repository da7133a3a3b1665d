package dev.perennial.serving;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.ServingCommand;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/** A node's inference: finds the version, borrows its adapter, and lets completions take turns on the inference thread. */
public final class Serving extends AbstractBehavior<Serving.Message> {
    private static final long RECORDING_SECONDS = 5;

    /** What the actor hears: commands, wrapped, and its own notes. */
    public sealed interface Message {}

    private record FromClient(ServingCommand command) implements Message {}

    private record Over(String key) implements Message {}

    private final Parts parts;
    private final ModelRouter router;
    private final AdapterCache adapters;
    private final SequenceEncoder encoder;
    private final Adapter bare;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, AtomicBoolean> running = new HashMap<>();

    /**
     * What serving works with.
     *
     * @param loader reads an adapter by its content id
     * @param inferenceThread runs one task at a time and is no dispatcher's
     * @param loadedVersions adapters kept in memory
     * @param waitingRequests completions under way before more are refused
     */
    public record Parts(
            BaseModel base,
            DomainAsk domains,
            Function<String, CompletionStage<Adapter>> loader,
            CompletionLog log,
            Executor inferenceThread,
            int loadedVersions,
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
        this.router = new ModelRouter(parts.domains());
        this.adapters = new AdapterCache(parts.loadedVersions(), parts.loader());
        this.encoder = new SequenceEncoder(parts.base());
        this.bare = Adapter.none(parts.base());
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(FromClient.class, message -> command(message.command()))
                .onMessage(Over.class, over -> {
                    running.remove(over.key());
                    return this;
                })
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
        Task task = new Task(command.request(), command.replyTo(), abandoned);
        getContext().pipeToSelf(task.run(), (done, failure) -> {
            if (failure != null) {
                command.replyTo().tell(new GenerationPart.Refused(problem(failure)));
            }
            return new Over(command.key());
        });
    }

    private Problem problem(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ProblemException known) {
            return known.problem();
        }
        if (cause instanceof LearningException bad) {
            return Problem.invalid("messages", String.valueOf(bad.getMessage()));
        }
        getContext().getSystem().log().error("A completion failed", cause);
        return Problem.internal("the completion failed: " + cause.getClass().getSimpleName());
    }

    /** One request from its routing to its record. */
    private final class Task {
        private final GenerationRequest request;
        private final ActorRef<GenerationPart> replyTo;
        private final AtomicBoolean abandoned;

        Task(GenerationRequest request, ActorRef<GenerationPart> replyTo, AtomicBoolean abandoned) {
            this.request = request;
            this.replyTo = replyTo;
            this.abandoned = abandoned;
        }

        CompletionStage<Boolean> run() {
            CompletableFuture<ModelRouter.Route> route = CompletableFuture.supplyAsync(
                            () -> router.route(request.model()), Runnable::run)
                    .thenCompose(stage -> stage);
            return route.thenCompose(found -> found.artifact()
                    .map(adapters::borrow)
                    .orElseGet(() -> CompletableFuture.completedFuture(new AdapterCache.Loan(bare, () -> {})))
                    .thenComposeAsync(loan -> write(found, loan), parts.inferenceThread()));
        }

        private CompletionStage<Boolean> write(ModelRouter.Route route, AdapterCache.Loan loan) {
            Generation generation;
            String id = "cmpl-" + HexFormat.of().formatHex(randomBytes());
            Instant began = parts.clock().instant();
            try {
                int[] prompt = prompt();
                generation = new Generation(
                        parts.base(), loan, prompt, request, request.seed().orElseGet(random::nextLong), replyTo::tell);
                replyTo.tell(new GenerationPart.Started(id, route.version(), began, prompt.length));
            } catch (RuntimeException e) {
                loan.close();
                throw e;
            }
            CompletableFuture<Boolean> written = new CompletableFuture<>();
            turn(generation, written);
            return written.whenComplete((done, failure) -> generation.close())
                    .thenCompose(complete -> record(id, route, generation.text(), began)
                            .handle((recorded, failure) -> {
                                if (failure != null) {
                                    getContext()
                                            .getSystem()
                                            .log()
                                            .warn("{} was served but not recorded: {}", id, failure.toString());
                                }
                                replyTo.tell(generation.finished());
                                return complete;
                            }));
        }

        private CompletionStage<?> record(String id, ModelRouter.Route route, String answer, Instant at) {
            return parts.log()
                    .record(id, route.version(), request, answer, at)
                    .toCompletableFuture()
                    .orTimeout(RECORDING_SECONDS, TimeUnit.SECONDS);
        }

        /** Each turn puts the next one at the end of the line, so that completions share the thread fairly. */
        private void turn(Generation generation, CompletableFuture<Boolean> written) {
            try {
                if (abandoned.get()) {
                    written.complete(false);
                } else if (generation.advance()) {
                    parts.inferenceThread().execute(() -> turn(generation, written));
                } else {
                    written.complete(true);
                }
            } catch (RuntimeException e) {
                written.completeExceptionally(e);
            }
        }

        private int[] prompt() {
            return request.prompt().isPresent()
                    ? encoder.plainPrompt(request.prompt().get())
                    : encoder.prompt(request.messages().stream()
                            .map(message -> new Turn(message.role(), message.content()))
                            .toList());
        }

        private byte[] randomBytes() {
            byte[] bytes = new byte[12];
            random.nextBytes(bytes);
            return bytes;
        }
    }
}
