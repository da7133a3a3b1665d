package dev.perennial.http;

import dev.perennial.protocols.Problem;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** {@code /alive}: the process can answer, and do its work. {@code /ready}: it wants requests. */
final class HealthRoutes extends AllDirectives {
    private final Readiness readiness;

    HealthRoutes(Readiness readiness) {
        this.readiness = readiness;
    }

    Route routes() {
        return concat(
                path("alive", () -> get(() -> complete(answer(readiness.reasonToRestart(), "alive")))),
                path("ready", () -> get(() -> complete(answer(readiness.reasonAgainst(), "ready")))));
    }

    /**
     * Refuses whatever comes, and fits no more once the node has started: what it took before it knows its cluster could come to a domain
     * long after whoever asked has gone elsewhere.
     */
    Route untilStarted() {
        return extractRequest(request -> readiness.isStarting()
                ? complete(Errors.answer(Problem.unavailable("the node is starting; ask another")))
                : reject());
    }

    private static HttpResponse answer(Optional<String> reasonAgainst, String status) {
        return reasonAgainst
                .map(reason -> Errors.answer(Problem.unavailable(reason)))
                .orElseGet(() -> Answers.ok(Map.of("status", status)));
    }
}
