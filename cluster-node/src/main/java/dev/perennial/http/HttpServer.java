package dev.perennial.http;

import dev.perennial.intake.Deadline;
import dev.perennial.protocols.Problem;
import dev.perennial.settings.HttpSettings;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.stream.javadsl.Flow;
import scala.concurrent.duration.FiniteDuration;

/**
 * The bound server. On coordinated shutdown {@code /ready} turns 503 at once, requests are still taken for the drain time,
 * then the port is closed and requests in flight have until the termination deadline.
 */
public final class HttpServer {
    private static final Duration IDLE_MARGIN = Duration.ofSeconds(60);

    private final ServerBinding binding;

    private HttpServer(ServerBinding binding) {
        this.binding = binding;
    }

    /** @return fails with a {@link BindException} that says what to do, where the address cannot be had */
    public static CompletionStage<HttpServer> start(
            ActorSystem<?> system, Route route, HttpSettings settings, Readiness readiness) {
        CoordinatedShutdown.get(system)
                .addTask(CoordinatedShutdown.PhaseBeforeServiceUnbind(), "http-not-ready", () -> {
                    readiness.stopping();
                    return after(settings.drain());
                });
        return Http.get(system)
                .newServerAt(settings.host(), settings.port())
                .adaptSettings(server -> withIdleTimeout(server, settings))
                .bindFlow(perConnection(fenced(afterBody(route.handler(system), settings, system), readiness, system)))
                .thenApply(binding ->
                        new HttpServer(binding.addToCoordinatedShutdown(settings.terminationDeadline(), system)))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(unbound(settings, failure)));
    }

    public InetSocketAddress address() {
        return binding.localAddress();
    }

    /** Nobody is answered before what nobody reads has come, see {@link Lingering}. */
    private static Function<HttpRequest, CompletionStage<HttpResponse>> afterBody(
            Function<HttpRequest, CompletionStage<HttpResponse>> handler,
            HttpSettings settings,
            ActorSystem<?> system) {
        return request -> handler.apply(request)
                .thenCompose(response -> Lingering.unread(request, settings.bodyTimeout(), system)
                        .thenApply(over -> response));
    }

    /** What was done here by then may have been undone by whoever took this node's place. */
    private static Function<HttpRequest, CompletionStage<HttpResponse>> fenced(
            Function<HttpRequest, CompletionStage<HttpResponse>> handler, Readiness readiness, ActorSystem<?> system) {
        return request -> handler.apply(request).thenApply(response -> {
            if (!readiness.isFenced()) {
                return response;
            }
            response.discardEntityBytes(system);
            return Errors.answer(Problem.unavailable("this node is no longer of its cluster; ask another"));
        });
    }

    /** Each request learns of its connection's end, see {@link ClientConnection}. */
    private static Flow<HttpRequest, HttpResponse, ?> perConnection(
            Function<HttpRequest, CompletionStage<HttpResponse>> handler) {
        return Flow.fromMaterializer((materializer, attributes) -> {
            ClientConnection connection = new ClientConnection();
            return Flow.of(HttpRequest.class)
                    .watchTermination((NotUsed before, CompletionStage<Done> done) -> {
                        done.whenComplete((ended, failure) -> connection.close());
                        return before;
                    })
                    .map(request -> request.addAttribute(ClientConnection.KEY, connection))
                    .mapAsync(1, handler);
        });
    }

    /** A model that thinks and a body that is waited for are silence on the connection too, and are bounded by their own times. */
    private static ServerSettings withIdleTimeout(ServerSettings server, HttpSettings settings) {
        Duration longest = Collections.max(List.of(settings.generationTimeout(), settings.bodyTimeout()));
        Duration idle = longest.plus(IDLE_MARGIN);
        return server.withTimeouts(
                server.getTimeouts().withIdleTimeout(FiniteDuration.create(idle.toMillis(), TimeUnit.MILLISECONDS)));
    }

    private static CompletionStage<Done> after(Duration wait) {
        CompletableFuture<Done> waited = new CompletableFuture<>();
        return waited.completeOnTimeout(Done.getInstance(), wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static BindException unbound(HttpSettings settings, Throwable failure) {
        Throwable cause = Deadline.cause(failure);
        String why = String.valueOf(cause.getMessage()).contains("in use")
                ? "the port is in use; choose another"
                : String.valueOf(cause.getMessage());
        BindException told =
                new BindException("cannot listen on " + settings.host() + ":" + settings.port() + ": " + why);
        told.initCause(cause);
        return told;
    }
}
