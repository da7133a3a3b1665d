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

    private static HttpResponse answer(Optional<String> reasonAgainst, String status) {
        return reasonAgainst
                .map(reason -> Errors.answer(Problem.unavailable(reason)))
                .orElseGet(() -> Answers.ok(Map.of("status", status)));
    }
}
