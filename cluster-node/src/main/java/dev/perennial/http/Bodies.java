package dev.perennial.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.Deadline;
import dev.perennial.intake.StrictJson;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.settings.HttpSettings;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.RequestEntity;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** Reads request bodies, within their bounds. */
final class Bodies extends AllDirectives {
    private static final List<String> JSON = List.of("application/json");
    private static final List<String> LINES =
            List.of("application/x-ndjson", "application/ndjson", "application/jsonl", "text/plain");
    private static final String NONE = "none/none";

    private final HttpSettings settings;
    private final ActorSystem<?> system;

    Bodies(HttpSettings settings, ActorSystem<?> system) {
        this.settings = settings;
        this.system = system;
    }

    /** A JSON body as a whole. */
    Route json(Function<JsonNode, CompletionStage<HttpResponse>> inner) {
        return withSizeLimit(
                settings.maxBody(),
                () -> extractRequestEntity(entity -> {
                    if (!isOneOf(entity.getContentType(), JSON)) {
                        throw unsupported(entity.getContentType(), String.join(", ", JSON));
                    }
                    return completeWithFuture(read(entity).thenCompose(inner));
                }));
    }

    /** A stream of lines, or one JSON body, whichever the content type says. */
    Route linesOrJson(
            Function<Source<ByteString, ?>, CompletionStage<HttpResponse>> lines,
            Function<JsonNode, CompletionStage<HttpResponse>> json) {
        // The limit wraps the extraction of the entity: set inside, it would come too late.
        return extractRequest(request -> {
            ContentType type = request.entity().getContentType();
            if (isOneOf(type, JSON)) {
                return json(json);
            }
            if (!isOneOf(type, LINES)) {
                throw unsupported(type, LINES.get(0) + ", " + LINES.get(3) + " or " + JSON.get(0));
            }
            return withSizeLimit(
                    settings.maxUpload(),
                    () -> extractRequestEntity(entity -> completeWithFuture(
                            lines.apply(entity.getDataBytes().mapError(Throwable.class, Errors::exception)))));
        });
    }

    private CompletionStage<JsonNode> read(RequestEntity entity) {
        return entity.toStrict(settings.bodyTimeout().toMillis(), settings.maxBody(), system)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        Deadline.cause(failure) instanceof TimeoutException ? late() : failure))
                .thenApply(strict -> StrictJson.read(strict.getData().asByteBuffer()));
    }

    private ProblemException late() {
        return new ProblemException(new Problem(
                Problem.Kind.INVALID,
                "the body did not arrive within " + Deadline.shown(settings.bodyTimeout()),
                null,
                "body_timeout"));
    }

    private static boolean isOneOf(ContentType type, List<String> allowed) {
        String media = type.mediaType().mainType() + "/" + type.mediaType().subType();
        return media.equals(NONE) ? allowed.equals(JSON) : allowed.contains(media);
    }

    private static ProblemException unsupported(ContentType type, String expected) {
        return new ProblemException(new Problem(
                Problem.Kind.MEDIA_TYPE,
                "expected Content-Type " + expected + "; got " + Problem.shorten(type.toString()),
                null,
                "unsupported_media_type"));
    }
}
