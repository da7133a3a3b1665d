package dev.perennial.http;

import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.JsonFields;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import java.util.List;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** Domains: create, list, show. */
final class DomainRoutes extends AllDirectives {
    private static final List<String> FIELDS = List.of("id", "description", "policy");
    private static final int LONGEST_ID = 1_000;
    private static final int LONGEST_DESCRIPTION = 2_000;

    private final DomainGate domains;
    private final Bodies bodies;

    DomainRoutes(DomainGate domains, Bodies bodies) {
        this.domains = domains;
        this.bodies = bodies;
    }

    Route routes() {
        return concat(
                path(segment("v1").slash("domains"), () -> concat(post(this::create), get(this::list))),
                path(
                        segment("v1").slash("domains").slash(segment()),
                        id -> get(() -> completeWithFuture(
                                domains.show(new DomainId(id)).thenApply(Answers::ok)))));
    }

    private Route create() {
        return bodies.json(body -> domains.create(read(body))
                .thenApply(view ->
                        Answers.json(201, view).addHeader(RawHeader.create("Location", "/v1/domains/" + view.id()))));
    }

    private Route list() {
        return completeWithFuture(domains.list().thenApply(Answers.Page::of).thenApply(Answers::ok));
    }

    private static DomainCommand.Create read(JsonNode body) {
        JsonFields fields = JsonFields.of(body, "", FIELDS);
        return new DomainCommand.Create(
                new DomainId(fields.text("id", LONGEST_ID)),
                fields.text("description", LONGEST_DESCRIPTION),
                fields.optionalObject("policy", PolicyBody.SECTIONS)
                        .map(PolicyBody::read)
                        .orElse(DomainPolicy.DEFAULT));
    }
}
