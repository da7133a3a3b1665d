package dev.perennial.http;

import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.ExampleIntake;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.settings.HttpSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * Examples: taken from a stream of lines, or one JSON object or array of objects; deleted by id; listed where they contradict
 * each other.
 */
final class ExampleRoutes extends AllDirectives {
    private static final int CONFLICTS = 100;

    private final ExampleIntake examples;
    private final DomainGate domains;
    private final Bodies bodies;
    private final HttpSettings settings;

    ExampleRoutes(ExampleIntake examples, DomainGate domains, Bodies bodies, HttpSettings settings) {
        this.examples = examples;
        this.domains = domains;
        this.bodies = bodies;
        this.settings = settings;
    }

    Route routes() {
        var domain = segment("v1").slash("domains").slash(segment());
        return concat(
                path(domain.slash("examples"), id -> post(() -> take(new DomainId(id)))),
                path(
                        domain.slash("examples").slash(segment()),
                        (id, example) -> delete(() -> remove(new DomainId(id), example))),
                path(
                        domain.slash("conflicts"),
                        id -> get(() -> parameterOptional("limit", limit -> conflicts(new DomainId(id), limit)))));
    }

    private Route conflicts(DomainId domain, Optional<String> limit) {
        return completeWithFuture(
                domains.conflicts(domain, limit.map(ExampleRoutes::integer).orElse(CONFLICTS))
                        .thenApply(Answers.Page::of)
                        .thenApply(Answers::ok));
    }

    private static int integer(String limit) {
        try {
            return Integer.parseInt(limit);
        } catch (NumberFormatException e) {
            throw new ProblemException(
                    Problem.invalid("limit", "limit is an integer; got '" + Problem.shorten(limit) + "'"));
        }
    }

    private Route take(DomainId domain) {
        return bodies.linesOrJson(
                lines -> examples.takeLines(domain, lines, settings.maxLine()).thenApply(Answers::ok),
                json -> examples.takeAll(domain, elements(json)).thenApply(Answers::ok));
    }

    /** Answered when the deletion is durable; the row itself goes right after. */
    private Route remove(DomainId domain, String example) {
        return completeWithFuture(domains.ask(domain, new DomainCommand.DeleteExamples(List.of(example)))
                .thenApply(done -> HttpResponse.create().withStatus(StatusCodes.NO_CONTENT)));
    }

    private static List<JsonNode> elements(JsonNode json) {
        if (!json.isArray()) {
            return List.of(json);
        }
        List<JsonNode> elements = new ArrayList<>();
        json.forEach(elements::add);
        return elements;
    }
}
