package dev.perennial.http;

import dev.perennial.protocols.Problem;
import java.util.Map;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** {@code /alive}: the process can answer. {@code /ready}: it wants requests. */
final class HealthRoutes extends AllDirectives {
    private final Readiness readiness;

    HealthRoutes(Readiness readiness) {
        this.readiness = readiness;
    }

    Route routes() {
        return concat(
                path("alive", () -> get(() -> complete(Answers.ok(Map.of("status", "alive"))))),
                path(
                        "ready",
                        () -> get(() -> complete(readiness
                                .reasonAgainst()
                                .map(reason -> Errors.answer(Problem.unavailable(reason)))
                                .orElseGet(() -> Answers.ok(Map.of("status", "ready")))))));
    }
}
