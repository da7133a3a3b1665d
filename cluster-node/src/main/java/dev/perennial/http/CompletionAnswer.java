package dev.perennial.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.ScoredToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/** Completions that have begun, written in one of OpenAI's shapes. */
record CompletionAnswer(Generations.Generation generation, GenerationCall call, AnswerShape shape) {
    /** All of it, when it is finished. */
    CompletionStage<HttpResponse> whole(ActorSystem<?> system) {
        return generation.parts().runWith(Sink.seq(), system).thenApply(this::whole);
    }

    private HttpResponse whole(List<GenerationPart> parts) {
        List<Writing> choices = IntStream.range(0, call.request().choices())
                .mapToObj(index -> new Writing())
                .toList();
        for (GenerationPart part : parts) {
            if (part instanceof GenerationPart.Text more) {
                choices.get(more.choice()).add(more);
            } else if (part instanceof GenerationPart.Finished finished) {
                choices.get(finished.choice()).finished = finished;
            } else if (part instanceof GenerationPart.Refused refused) {
                throw new ProblemException(refused.problem());
            } else {
                throw new AssertionError(part);
            }
        }
        if (choices.stream().anyMatch(choice -> choice.finished == null)) {
            throw new ProblemException(Problem.unavailable("the completion was given up before its end"));
        }
        return Answers.ok(shape.whole(
                generation.started(), choices.stream().map(Writing::choice).toList(), logprobs()));
    }

    /** A choice as its parts come. */
    private static final class Writing {
        private final StringBuilder text = new StringBuilder();
        private final List<ScoredToken> tokens = new ArrayList<>();
        private GenerationPart.@Nullable Finished finished;

        void add(GenerationPart.Text more) {
            text.append(more.text());
            tokens.addAll(more.tokens());
        }

        AnswerShape.Choice choice() {
            return new AnswerShape.Choice(text.toString(), tokens, Objects.requireNonNull(finished));
        }
    }

    /** Chunk by chunk. An error after the beginning is an event in the shape of other errors, and the stream ends there. */
    HttpResponse streamed() {
        Source<ByteString, NotUsed> opening = Source.from(
                        IntStream.range(0, call.request().choices())
                                .mapToObj(choice -> shape.opening(generation.started(), choice))
                                .flatMap(Optional::stream)
                                .toList())
                .map(this::event);
        return Answers.events(opening.concat(generation.parts().statefulMapConcat(() -> new Streaming()::events)));
    }

    /** What is counted on the way. */
    private final class Streaming {
        private int unfinished = call.request().choices();
        private int tokens;

        List<ByteString> events(GenerationPart part) {
            GenerationPart.Started started = generation.started();
            List<ByteString> events = new ArrayList<>();
            if (part instanceof GenerationPart.Text more) {
                events.add(event(shape.delta(started, more, logprobs())));
            } else if (part instanceof GenerationPart.Refused refused) {
                events.add(ServerSent.data(Errors.body(refused.problem())));
            } else if (part instanceof GenerationPart.Finished finished) {
                tokens += finished.completionTokens();
                events.add(event(shape.closing(started, finished)));
                if (--unfinished == 0) {
                    if (call.includeUsage()) {
                        events.add(event(shape.usage(started, tokens)));
                    }
                    events.add(ServerSent.DONE);
                }
            } else {
                throw new AssertionError(part);
            }
            return events;
        }
    }

    private Optional<Integer> logprobs() {
        return call.request().logprobs();
    }

    /** Where usage is asked for, OpenAI has the field in every chunk, null in all but the last. */
    private ByteString event(ObjectNode chunk) {
        if (call.includeUsage() && !chunk.has("usage")) {
            chunk.putNull("usage");
        }
        return ServerSent.data(chunk);
    }
}
