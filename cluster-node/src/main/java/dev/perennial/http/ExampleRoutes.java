package dev.perennial.http;

import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.ExampleIntake;
import dev.perennial.protocols.DomainId;
import dev.perennial.settings.HttpSettings;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** Examples: a stream of lines, or one JSON object or array of objects. */
final class ExampleRoutes extends AllDirectives {
    private final ExampleIntake examples;
    private final Bodies bodies;
    private final HttpSettings settings;

    ExampleRoutes(ExampleIntake examples, Bodies bodies, HttpSettings settings) {
        this.examples = examples;
        this.bodies = bodies;
        this.settings = settings;
    }

    Route routes() {
        return path(
                segment("v1").slash("domains").slash(segment()).slash("examples"),
                id -> post(() -> {
                    DomainId domain = new DomainId(id);
                    return bodies.linesOrJson(
                            lines -> examples.takeLines(domain, lines, settings.maxLine())
                                    .thenApply(Answers::ok),
                            json -> examples.takeAll(domain, elements(json)).thenApply(Answers::ok));
                }));
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
