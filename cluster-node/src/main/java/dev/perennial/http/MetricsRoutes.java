package dev.perennial.http;

import dev.perennial.protocols.QueueView;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** {@code /metrics}, in Prometheus's text format. */
final class MetricsRoutes extends AllDirectives {
    /** Less than the 10 s that a scrape is given, or nothing would tell that the scheduler is away. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Metrics metrics;
    private final Optional<Supplier<CompletionStage<QueueView>>> queue;

    /** @param queue asks the scheduler, once a scrape; empty on nodes that do not tell of it */
    MetricsRoutes(Metrics metrics, Optional<Supplier<CompletionStage<QueueView>>> queue) {
        this.metrics = metrics;
        this.queue = queue;
    }

    Route routes() {
        return path("metrics", () -> get(() -> completeWithFuture(scrape())));
    }

    private CompletionStage<HttpResponse> scrape() {
        CompletionStage<?> looked = queue.<CompletionStage<?>>map(ask -> ask.get()
                        .toCompletableFuture()
                        .copy()
                        .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                        .handle((view, failure) -> {
                            if (failure == null) {
                                metrics.queue(view);
                            } else {
                                metrics.queueUnknown();
                            }
                            return metrics;
                        }))
                .orElseGet(() -> CompletableFuture.completedFuture(metrics));
        return looked.thenApply(done -> HttpResponse.create()
                .withEntity(HttpEntities.create(ContentTypes.parse(Metrics.CONTENT_TYPE), metrics.text())));
    }
}
