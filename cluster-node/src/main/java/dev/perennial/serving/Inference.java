package dev.perennial.serving;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.GenerationDefaults;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.ScoredToken;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;

/**
 * Answers requests: finds the version, borrows its adapter, has the choices written by the {@link DecodingLoop}, and records
 * them. Thread-safe.
 */
final class Inference implements AutoCloseable {
    private static final long RECORDING_SECONDS = 5;
    /** Top-p of 0, which a decoder does not know, is the most probable token alone; this keeps no other either. */
    private static final double LEAST_TOP_P = 1e-9;

    private final Serving.Parts parts;
    private final Logger log;
    private final ModelRouter router;
    private final AdapterCache adapters;
    private final SequenceEncoder encoder;
    private final Adapter bare;
    private final DecodingLoop loop;
    private final SecureRandom random = new SecureRandom();

    Inference(Serving.Parts parts, Logger log) {
        this.parts = parts;
        this.log = log;
        this.router = new ModelRouter(parts.domains(), System::nanoTime);
        this.adapters = new AdapterCache(parts.loadedVersions(), parts.loader());
        this.encoder = new SequenceEncoder(parts.base());
        this.bare = Adapter.none(parts.base());
        this.loop = new DecodingLoop(
                parts.base(),
                parts.batchRows(),
                parts.inferenceThread(),
                failure -> log.error("The decoder failed and was given up", failure));
    }

    /**
     * @param client hears all parts, at the end Refused where it failed
     * @param abandoned set by whoever finds that nobody reads the answer any more
     * @return completes, and never fails, when nothing more will be told
     */
    CompletionStage<Boolean> answer(
            GenerationRequest request, Consumer<GenerationPart> client, AtomicBoolean abandoned) {
        Answer answer = new Answer(request, client, abandoned);
        return answer.run().handle((done, failure) -> {
            if (failure != null) {
                client.accept(new GenerationPart.Refused(problem(request, failure)));
            }
            return failure == null;
        });
    }

    private Problem problem(GenerationRequest request, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ProblemException known) {
            return known.problem();
        }
        if (cause instanceof LearningException bad) {
            return Problem.invalid(
                    request.prompt().isPresent() ? "prompt" : "messages", String.valueOf(bad.getMessage()));
        }
        log.error("A completion failed", cause);
        return Problem.internal("the completion failed: " + cause.getClass().getSimpleName());
    }

    /** Ends what is being written and closes all adapters. */
    @Override
    public void close() {
        loop.stop();
        parts.inferenceThread().execute(() -> {
            adapters.close();
            bare.close();
        });
    }

    /** One request from its routing to its records. */
    private final class Answer {
        private final GenerationRequest request;
        private final Consumer<GenerationPart> client;
        private final AtomicBoolean abandoned;
        private final String id = "cmpl-" + HexFormat.of().formatHex(randomBytes());
        /** For the inference thread. */
        private boolean started;

        Answer(GenerationRequest request, Consumer<GenerationPart> client, AtomicBoolean abandoned) {
            this.request = request;
            this.client = client;
            this.abandoned = abandoned;
        }

        CompletionStage<Void> run() {
            CompletableFuture<ModelRouter.Route> route = CompletableFuture.supplyAsync(
                            () -> router.route(request.model()), Runnable::run)
                    .thenCompose(stage -> stage);
            return route.thenCompose(found -> found.artifact()
                    .map(adapters::borrow)
                    .orElseGet(() -> CompletableFuture.completedFuture(AdapterCache.Loan.of(bare)))
                    .thenComposeAsync(loan -> write(found, loan), parts.inferenceThread()));
        }

        private CompletionStage<Void> write(ModelRouter.Route route, AdapterCache.Loan loan) {
            int[] prompt;
            long seed = request.seed().orElseGet(random::nextLong);
            try {
                prompt = prompt();
                settings(seed);
            } catch (RuntimeException bad) {
                loan.close();
                throw bad;
            }
            Instant began = parts.clock().instant();
            GenerationPart.Started opening = new GenerationPart.Started(id, route.version(), began, prompt.length);
            List<Completion> choices = new ArrayList<>();
            for (int choice = 0; choice < request.choices(); choice++) {
                choices.add(new Completion(
                        parts.base().tokenizer(),
                        choice == 0 ? loan : loan.another(),
                        prompt,
                        settings(seed + choice),
                        request.stop(),
                        listener(opening, choice),
                        abandoned::get));
            }
            List<CompletableFuture<?>> ended = new ArrayList<>();
            for (int choice = 0; choice < choices.size(); choice++) {
                ended.add(finished(choices.get(choice), choice, opening).toCompletableFuture());
            }
            choices.forEach(loop::add);
            return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new));
        }

        private Decoder.Settings settings(long seed) {
            GenerationDefaults defaults = parts.base().servingDefaults();
            return new Decoder.Settings(
                    request.maxTokens(),
                    request.temperature().orElse(defaults.temperature()),
                    Math.max(LEAST_TOP_P, request.topP().orElse(defaults.topP())),
                    request.topK().orElse(defaults.topK()),
                    seed,
                    request.logprobs().orElse(-1));
        }

        private Completion.Listener listener(GenerationPart.Started opening, int choice) {
            return new Completion.Listener() {
                @Override
                public void begun() {
                    if (!started) {
                        started = true;
                        client.accept(opening);
                    }
                }

                @Override
                public void written(String text, List<ScoredToken> tokens) {
                    client.accept(new GenerationPart.Text(text, choice, tokens));
                }
            };
        }

        /** When a choice is recorded and its end told. One that fails takes the others with it. */
        private CompletionStage<?> finished(Completion completion, int choice, GenerationPart.Started opening) {
            return completion
                    .ended()
                    .whenComplete((whole, failure) -> {
                        if (failure != null) {
                            abandoned.set(true);
                        }
                    })
                    .thenCompose(whole -> record(completion, choice, opening).thenAccept(recorded -> {
                        if (whole) {
                            client.accept(
                                    new GenerationPart.Finished(completion.reason(), completion.tokens(), choice));
                        }
                    }));
        }

        /** An answer that could not be recorded was still given; only feedback will not find it. */
        private CompletionStage<?> record(Completion completion, int choice, GenerationPart.Started opening) {
            if (!started) {
                return CompletableFuture.completedFuture(false);
            }
            String name = choice == 0 ? id : id + "-" + choice;
            return parts.log()
                    .record(name, opening.version(), request, completion.text(), completion.whole(), opening.at())
                    .toCompletableFuture()
                    .orTimeout(RECORDING_SECONDS, TimeUnit.SECONDS)
                    .handle((recorded, failure) -> {
                        if (failure != null) {
                            log.warn("{} was served but not recorded: {}", name, failure.toString());
                        }
                        return failure == null;
                    });
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
