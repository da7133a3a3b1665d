package dev.perennial.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * One completion that has begun, written in one of OpenAI's shapes.
 *
 * @param includeUsage whether a stream ends with a chunk that counts tokens
 */
record CompletionAnswer(Generations.Generation generation, AnswerShape shape, boolean includeUsage) {
    /** All of it, when it is finished. */
    CompletionStage<HttpResponse> whole(ActorSystem<?> system) {
        return generation.parts().runWith(Sink.seq(), system).thenApply(this::whole);
    }

    private HttpResponse whole(List<GenerationPart> parts) {
        StringBuilder text = new StringBuilder();
        for (GenerationPart part : parts) {
            if (part instanceof GenerationPart.Text more) {
                text.append(more.text());
            } else if (part instanceof GenerationPart.Finished finished) {
                return Answers.ok(shape.whole(generation.started(), text.toString(), finished));
            } else if (part instanceof GenerationPart.Refused refused) {
                throw new ProblemException(refused.problem());
            }
        }
        throw new ProblemException(Problem.unavailable("the completion was given up before its end"));
    }

    /** Chunk by chunk. An error after the beginning is an event in the shape of other errors, and the stream ends there. */
    HttpResponse streamed() {
        Source<ByteString, NotUsed> opening = Source.from(
                        shape.opening(generation.started()).stream().toList())
                .map(this::event);
        return Answers.events(opening.concat(generation.parts().mapConcat(this::events)));
    }

    private List<ByteString> events(GenerationPart part) {
        GenerationPart.Started started = generation.started();
        List<ByteString> events = new ArrayList<>();
        if (part instanceof GenerationPart.Text more) {
            events.add(event(shape.delta(started, more.text())));
        } else if (part instanceof GenerationPart.Refused refused) {
            events.add(ServerSent.data(Errors.body(refused.problem())));
        } else if (part instanceof GenerationPart.Finished finished) {
            events.add(event(shape.closing(started, finished)));
            if (includeUsage) {
                events.add(event(shape.usage(started, finished)));
            }
            events.add(ServerSent.DONE);
        } else {
            throw new AssertionError(part);
        }
        return events;
    }

    /** Where usage is asked for, OpenAI has the field in every chunk, null in all but the last. */
    private ByteString event(ObjectNode chunk) {
        if (includeUsage && !chunk.has("usage")) {
            chunk.putNull("usage");
        }
        return ServerSent.data(chunk);
    }
}
