package dev.perennial.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.Deadline;
import dev.perennial.intake.StrictJson;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.settings.HttpSettings;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.HttpResponse;
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
    private static final String LATE = "body_timeout";

    private final HttpSettings settings;
    private final ActorSystem<?> system;

    Bodies(HttpSettings settings, ActorSystem<?> system) {
        this.settings = settings;
        this.system = system;
    }

    /** A JSON body as a whole. */
    Route json(Function<JsonNode, CompletionStage<HttpResponse>> inner) {
        return bounded(settings.maxBody(), body -> {
            if (!isOneOf(body.type(), JSON)) {
                throw unsupported(body.type(), String.join(", ", JSON));
            }
            return read(body.bytes()).thenCompose(inner);
        });
    }

    /** A stream of lines, or one JSON body, whichever the content type says. */
    Route linesOrJson(
            Function<Source<ByteString, ?>, CompletionStage<HttpResponse>> lines,
            Function<JsonNode, CompletionStage<HttpResponse>> json) {
        return extractRequest(request -> {
            ContentType type = request.entity().getContentType();
            if (isOneOf(type, JSON)) {
                return json(json);
            }
            return bounded(settings.maxUpload(), body -> {
                if (!isOneOf(type, LINES)) {
                    throw unsupported(type, LINES.get(0) + ", " + LINES.get(3) + " or " + JSON.get(0));
                }
                return lines.apply(body.bytes());
            });
        });
    }

    /**
     * Our bound in place of Pekko's, which must be lifted outside of where the entity is extracted. Who begins to read and then refuses does
     * so once the rest has come, see {@link Lingering}.
     */
    private Route bounded(long most, Function<Body, CompletionStage<HttpResponse>> inner) {
        return withoutSizeLimit(() -> extractRequestEntity(entity -> {
            boolean announced = entity.getContentLengthOption().orElse(0) > most;
            AtomicReference<CompletionStage<Done>> read =
                    new AtomicReference<>(CompletableFuture.completedFuture(Done.getInstance()));
            Source<ByteString, ?> bytes = entity.getDataBytes()
                    .watchTermination((before, ended) -> {
                        read.set(ended);
                        return before;
                    })
                    .via(new Lingering(most, announced))
                    .mapError(Throwable.class, Errors::exception);
            return completeWithFuture(applied(inner, new Body(entity.getContentType(), bytes))
                    .exceptionallyCompose(
                            failure -> Deadline.ended(stillToWait(failure), Objects.requireNonNull(read.get()))
                                    .thenCompose(over -> CompletableFuture.failedFuture(failure))));
        }));
    }

    private Duration stillToWait(Throwable failure) {
        return Deadline.cause(failure) instanceof ProblemException known
                        && LATE.equals(known.problem().code())
                ? Duration.ZERO
                : settings.bodyTimeout();
    }

    private static CompletionStage<HttpResponse> applied(
            Function<Body, CompletionStage<HttpResponse>> inner, Body body) {
        try {
            return inner.apply(body);
        } catch (ProblemException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<JsonNode> read(Source<ByteString, ?> bytes) {
        return bytes.completionTimeout(settings.bodyTimeout())
                .runFold(ByteString.emptyByteString(), ByteString::concat, system)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        Deadline.cause(failure) instanceof TimeoutException ? late() : failure))
                .thenApply(all -> StrictJson.read(all.asByteBuffer()));
    }

    private record Body(ContentType type, Source<ByteString, ?> bytes) {}

    private ProblemException late() {
        return new ProblemException(new Problem(
                Problem.Kind.INVALID,
                "the body did not arrive within " + Deadline.shown(settings.bodyTimeout()),
                null,
                LATE));
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
