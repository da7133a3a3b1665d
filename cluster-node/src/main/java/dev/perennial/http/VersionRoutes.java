package dev.perennial.http;

import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.JsonFields;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.VersionId;
import dev.perennial.protocols.VersionView;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** A domain's lineage: its versions, their adapters, and which of them is live. */
final class VersionRoutes extends AllDirectives {
    private static final List<String> FIELDS = List.of("to", "reason");
    private static final int LONGEST_REASON = 2_000;
    private static final int LONGEST_VERSION = 100;
    private static final ContentType ZIP = MediaTypes.APPLICATION_ZIP.toContentType();

    private final DomainGate domains;
    private final AdapterFiles adapters;
    private final Bodies bodies;
    private final RequestKeys keys;

    VersionRoutes(DomainGate domains, AdapterFiles adapters, Bodies bodies, RequestKeys keys) {
        this.domains = domains;
        this.adapters = adapters;
        this.bodies = bodies;
        this.keys = keys;
    }

    Route routes() {
        var domain = segment("v1").slash("domains").slash(segment());
        return concat(
                path(domain.slash("versions"), id -> get(() -> list(id))),
                path(domain.slash("versions").slash(segment()), (id, number) -> get(() -> show(id, number))),
                path(
                        domain.slash("versions").slash(segment()).slash("adapter"),
                        (id, number) -> get(() -> adapter(id, number))),
                path(domain.slash("rollback"), id -> post(() -> rollback(id))));
    }

    private Route list(String domain) {
        return completeWithFuture(domains.versions(new DomainId(domain))
                .thenApply(Answers.Page::of)
                .thenApply(Answers::ok));
    }

    private Route show(String domain, String number) {
        return completeWithFuture(find(new DomainId(domain), number).thenApply(Answers::ok));
    }

    private Route adapter(String domain, String number) {
        return completeWithFuture(find(new DomainId(domain), number)
                .thenCompose(version -> adapters.zip(version.artifact()).thenApply(file -> zip(version.id(), file))));
    }

    private static HttpResponse zip(VersionId version, Path file) {
        String name = version.domain() + "-" + version.number() + ".zip";
        return HttpResponse.create()
                .addHeader(RawHeader.create("Content-Disposition", "attachment; filename=\"" + name + "\""))
                .withEntity(HttpEntities.create(ZIP, file));
    }

    private CompletionStage<VersionView> find(DomainId domain, String number) {
        VersionId wanted = VersionId.parse(domain + "@" + number);
        return domains.versions(domain)
                .thenApply(versions -> versions.stream()
                        .filter(version -> version.id().equals(wanted))
                        .findFirst()
                        .orElseThrow(() -> new ProblemException(Problem.notFound(
                                "version",
                                wanted.isBase()
                                        ? wanted + " is the bare base model, which has no manifest and no adapter"
                                        : "there is no version " + wanted + "; GET /v1/domains/" + domain
                                                + "/versions lists them"))));
    }

    private Route rollback(String id) {
        DomainId domain = new DomainId(id);
        return keys.key(key -> bodies.json(body -> domains.ask(domain, read(domain, key, body))
                .thenCompose(done -> domains.show(domain))
                .thenApply(Answers::ok)));
    }

    private static DomainCommand.Rollback read(DomainId domain, String key, JsonNode body) {
        JsonFields fields = JsonFields.of(body, "", FIELDS);
        return new DomainCommand.Rollback(key, version(domain, fields), fields.text("reason", LONGEST_REASON));
    }

    /** {@code to} is a number, or a version of this domain by its name. */
    private static int version(DomainId domain, JsonFields fields) {
        Optional<JsonNode> value = fields.value("to");
        if (value.isEmpty()) {
            throw fields.missing("to", "a version's number, or DOMAIN@N");
        }
        if (!value.get().isTextual()) {
            return fields.optionalInteger("to", 0, VersionId.MAX_NUMBER).orElseThrow();
        }
        VersionId to = VersionId.parse(fields.text("to", LONGEST_VERSION));
        if (!to.domain().equals(domain)) {
            throw fields.problem("to", "to is a version of domain '" + domain + "'; got " + to);
        }
        return to.number();
    }
}
