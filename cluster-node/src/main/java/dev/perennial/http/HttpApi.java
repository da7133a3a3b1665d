package dev.perennial.http;

import dev.perennial.protocols.Problem;
import dev.perennial.settings.HttpSettings;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.ExceptionHandler;
import org.apache.pekko.http.javadsl.server.MethodRejection;
import org.apache.pekko.http.javadsl.server.Rejection;
import org.apache.pekko.http.javadsl.server.RejectionHandler;
import org.apache.pekko.http.javadsl.server.Route;

/** All routes, and what is answered where none fits or one fails. */
public final class HttpApi extends AllDirectives {
    private final Metrics metrics;
    private final List<Route> resources;

    private HttpApi(Metrics metrics, List<Route> resources) {
        this.metrics = metrics;
        this.resources = List.copyOf(resources);
    }

    /** What a node answers that has another role: whether it lives and is ready, and its own figures. */
    public static HttpApi ofProbes(Readiness readiness, SpokenProtocols protocols) {
        Metrics metrics = new Metrics(protocols);
        return new HttpApi(
                metrics,
                List.of(new HealthRoutes(readiness).routes(), new MetricsRoutes(metrics, Optional.empty()).routes()));
    }

    /**
     * @param keys fresh ids, each given out once, of generations and of requests that bring no Idempotency-Key
     * @param readiness what {@code /ready} tells; also ends event streams when the node stops
     */
    public static HttpApi of(
            Gateways gateways,
            HttpSettings settings,
            Readiness readiness,
            SpokenProtocols protocols,
            Clock clock,
            Supplier<String> keys,
            ActorSystem<?> system) {
        DomainGate domains = new DomainGate(gateways.domains(), settings.askTimeout(), system);
        Bodies bodies = new Bodies(settings, system);
        RequestKeys requestKeys = new RequestKeys(keys);
        Generations generations = new Generations(gateways.serving(), settings.generationTimeout(), keys, system);
        UpdateEvents events = new UpdateEvents(domains, settings, readiness);
        Metrics metrics = new Metrics(protocols);
        HealthRoutes health = new HealthRoutes(readiness);
        QueueRoutes queue = new QueueRoutes(gateways.scheduler(), settings.askTimeout(), system);
        return new HttpApi(
                metrics,
                List.of(
                        health.routes(),
                        new MetricsRoutes(metrics, Optional.of(queue::counts)).routes(),
                        health.untilStarted(),
                        new ModelRoutes(domains).routes(),
                        new CompletionRoutes(generations, bodies, settings, system).routes(),
                        new DomainRoutes(domains, bodies).routes(),
                        new ExampleRoutes(gateways.examples(), domains, bodies, settings).routes(),
                        new FeedbackRoutes(gateways.feedback(), bodies, settings).routes(),
                        new UpdateRoutes(domains, bodies, requestKeys, events, clock).routes(),
                        new VersionRoutes(domains, gateways.adapters(), bodies, requestKeys).routes(),
                        queue.routes()));
    }

    public Route route() {
        Route first = resources.get(0);
        Route[] others = resources.subList(1, resources.size()).toArray(Route[]::new);
        return counted(handleExceptions(failures(), () -> handleRejections(rejections(), () -> concat(first, others))));
    }

    private Route counted(Route inner) {
        return extractRequest(request -> {
            long began = System.nanoTime();
            return mapResponse(
                    response -> {
                        metrics.answered(
                                request.getUri().path(),
                                request.method().value(),
                                response.status().intValue(),
                                System.nanoTime() - began);
                        return response;
                    },
                    () -> inner);
        });
    }

    private ExceptionHandler failures() {
        return ExceptionHandler.newBuilder()
                .matchAny(failure -> complete(Errors.answer(Errors.problem(failure))))
                .build();
    }

    private RejectionHandler rejections() {
        return RejectionHandler.newBuilder()
                .handleAll(MethodRejection.class, this::wrongMethod)
                .handle(
                        Rejection.class,
                        rejection -> complete(Errors.answer(new Problem(
                                Problem.Kind.INVALID, "the request could not be read", null, "invalid_request"))))
                .handleNotFound(unknownPath())
                .build();
    }

    private Route wrongMethod(List<MethodRejection> rejections) {
        String allowed = String.join(
                ", ",
                rejections.stream()
                        .map(rejection -> rejection.supported().value())
                        .distinct()
                        .sorted()
                        .toList());
        return extractRequest(request -> complete(Errors.answer(new Problem(
                        Problem.Kind.METHOD,
                        shownPath(request.getUri().path()) + " takes " + allowed + "; got "
                                + request.method().value(),
                        null,
                        "method_not_allowed"))
                .addHeader(RawHeader.create("Allow", allowed))));
    }

    private Route unknownPath() {
        return extractRequest(request -> complete(Errors.answer(new Problem(
                Problem.Kind.NOT_FOUND,
                "there is nothing at " + shownPath(request.getUri().path()),
                null,
                "unknown_path"))));
    }

    private static String shownPath(String path) {
        return Problem.shorten(path);
    }
}
