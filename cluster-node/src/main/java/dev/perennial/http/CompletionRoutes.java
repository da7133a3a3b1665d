package dev.perennial.http;

import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.settings.HttpSettings;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.PathMatcher0;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * Completions as OpenAI serves them. The answer waits for the first part, so that its header can name the version, and so
 * that a refusal is an HTTP status also where a stream was asked for.
 */
final class CompletionRoutes extends AllDirectives {
    private static final String VERSION_HEADER = "Perennial-Version";

    private final Generations generations;
    private final Bodies bodies;
    private final HttpSettings settings;
    private final ActorSystem<?> system;

    CompletionRoutes(Generations generations, Bodies bodies, HttpSettings settings, ActorSystem<?> system) {
        this.generations = generations;
        this.bodies = bodies;
        this.settings = settings;
        this.system = system;
    }

    Route routes() {
        return concat(
                completions(segment("v1").slash("chat").slash("completions"), ChatBody::read, AnswerShape.CHAT),
                completions(segment("v1").slash("completions"), TextBody::read, AnswerShape.TEXT));
    }

    private Route completions(
            PathMatcher0 path, BiFunction<JsonNode, HttpSettings, GenerationCall> reader, AnswerShape shape) {
        return path(
                path,
                () -> post(() -> extractRequest(request -> bodies.json(body -> {
                    GenerationCall call = reader.apply(body, settings);
                    return generations
                            .begin(call.request(), request.getAttribute(ClientConnection.KEY))
                            .thenCompose(generation -> answer(generation, call, shape));
                }))));
    }

    private CompletionStage<HttpResponse> answer(
            Generations.Generation generation, GenerationCall call, AnswerShape shape) {
        CompletionAnswer answer = new CompletionAnswer(generation, call, shape);
        RawHeader version = RawHeader.create(VERSION_HEADER, AnswerShape.version(generation.started()));
        return (call.stream() ? CompletableFuture.completedFuture(answer.streamed()) : answer.whole(system))
                .thenApply(response -> response.addHeader(version));
    }
}
