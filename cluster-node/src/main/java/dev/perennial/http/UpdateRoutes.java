package dev.perennial.http;

import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.JsonFields;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** Updates: request, show, watch, cancel. */
final class UpdateRoutes extends AllDirectives {
    private static final List<String> FIELDS = List.of("kind", "importance", "deadline", MethodField.NAME);
    private static final List<String> KINDS = Arrays.stream(UpdateKind.values())
            .map(kind -> kind.name().toLowerCase(Locale.ROOT))
            .toList();
    private static final double IMPORTANCE = 0.5;
    private static final int LONGEST_TIME = 40;
    private static final String LAST_EVENT = "Last-Event-ID";

    private final DomainGate domains;
    private final Bodies bodies;
    private final RequestKeys keys;
    private final UpdateEvents events;
    private final Clock clock;

    UpdateRoutes(DomainGate domains, Bodies bodies, RequestKeys keys, UpdateEvents events, Clock clock) {
        this.domains = domains;
        this.bodies = bodies;
        this.keys = keys;
        this.events = events;
        this.clock = clock;
    }

    Route routes() {
        return concat(
                path(segment("v1").slash("domains").slash(segment()).slash("updates"), id -> post(() -> request(id))),
                path(
                        segment("v1").slash("updates").slash(segment()),
                        id -> concat(get(() -> show(id)), delete(() -> cancel(id)))),
                path(segment("v1").slash("updates").slash(segment()).slash("events"), id -> get(() -> watch(id))));
    }

    private Route request(String domain) {
        DomainId owner = new DomainId(domain);
        return keys.key(key -> bodies.json(body -> domains.update(owner, read(key, body))
                .thenApply(view ->
                        Answers.json(202, view).addHeader(RawHeader.create("Location", "/v1/updates/" + view.id())))));
    }

    private Route show(String id) {
        return completeWithFuture(domains.showUpdate(UpdateId.parse(id)).thenApply(Answers::ok));
    }

    private Route cancel(String id) {
        UpdateId update = UpdateId.parse(id);
        return completeWithFuture(
                domains.update(update.domain(), new DomainCommand.CancelUpdate(update, "cancelled through the API"))
                        .thenApply(Answers::ok));
    }

    private Route watch(String id) {
        UpdateId update = UpdateId.parse(id);
        return optionalHeaderValueByName(LAST_EVENT, last -> {
            int told = UpdateEvents.lastTold(last);
            return completeWithFuture(domains.showUpdate(update)
                    // 204 is how a browser's EventSource learns that there is nothing to come back for.
                    .thenApply(view ->
                            view.state().isFinal() && told >= view.history().size()
                                    ? HttpResponse.create().withStatus(204)
                                    : Answers.events(events.from(view, told))));
        });
    }

    private DomainCommand.RequestUpdate read(String key, JsonNode body) {
        JsonFields fields = JsonFields.of(body, "", FIELDS);
        return new DomainCommand.RequestUpdate(
                key,
                UpdateKind.valueOf(fields.oneOf("kind", KINDS).toUpperCase(Locale.ROOT)),
                fields.optionalNumber("importance", 0, 1).orElse(IMPORTANCE),
                deadline(fields),
                MethodField.read(fields).map(LearningMethod::toString));
    }

    private Optional<Instant> deadline(JsonFields fields) {
        return fields.optionalText("deadline", LONGEST_TIME).map(text -> {
            Instant deadline = instant(fields, text);
            if (!deadline.isAfter(clock.instant())) {
                throw fields.problem("deadline", "deadline is a time to come; got " + text);
            }
            return deadline;
        });
    }

    private static Instant instant(JsonFields fields, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw fields.problem(
                    "deadline", "deadline is a time with its zone, as in 2030-01-31T12:00:00Z; got " + text);
        }
    }
}
