package dev.perennial.simulations.cluster.invariants;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.perennial.domain.DomainDecisions;
import dev.perennial.domain.DomainState;
import dev.perennial.domain.SchedulerState;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.UpdateId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Every node shows of a domain what the domain's events, replayed here from the first one on, say of it; and once all updates have ended, so
 * that it stands still, the queue is the one that the scheduler's events say.
 */
public final class JournalReplaysToStateServed implements Invariant {
    /** As the API writes views. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new Jdk8Module())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    @Override
    public List<String> breaches(Evidence evidence) {
        List<String> breaches = new ArrayList<>();
        for (DomainId domain : evidence.domains().keySet()) {
            Journal.gaps(evidence.counted(domain))
                    .forEach(gap -> breaches.add("event " + gap + " of " + domain + " is missing"));
        }
        for (Served served : evidence.served()) {
            Optional<DomainState> state = Optional.empty();
            for (JournalRow<DomainEvent> row : evidence.counted(served.domain())) {
                state = Optional.of(DomainState.fold(state, row.event()));
            }
            compare(served, state, breaches);
        }
        evidence.queue()
                .filter(queue -> evidence.domains().keySet().stream().allMatch(domain -> isIdle(evidence, domain)))
                .ifPresent(queue -> {
                    Set<String> expected = queue(evidence);
                    if (!queue.equals(expected)) {
                        breaches.add("the queue shows " + new TreeSet<>(queue) + "; the scheduler's journal says: "
                                + expected);
                    }
                });
        return breaches;
    }

    private static boolean isIdle(Evidence evidence, DomainId domain) {
        Set<String> ended = AcknowledgedUpdatesEnd.ended(evidence, domain);
        return evidence.events(domain, DomainEvent.UpdateRequested.class)
                .allMatch(event -> ended.contains(event.request().id().toString()));
    }

    private static Set<String> queue(Evidence evidence) {
        SchedulerState state = SchedulerState.EMPTY;
        for (JournalRow<SchedulerEvent> row : Journal.counted(evidence.scheduler())) {
            state = state.apply(row.event());
        }
        return state.entries().values().stream()
                .map(entry -> entry.request().id().toString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void compare(Served served, Optional<DomainState> state, List<String> breaches) {
        compare(served, "the domain", served.view(), shown(served, state, new DomainCommand.ShowDomain()), breaches);
        compare(
                served,
                "its versions",
                served.versions(),
                shown(served, state, new DomainCommand.ShowVersions()),
                breaches);
        for (JsonNode update : served.updates()) {
            UpdateId id = UpdateId.parse(update.path("id").asText());
            compare(
                    served,
                    "update " + id,
                    withoutProgress(update),
                    withoutProgress(shown(served, state, new DomainCommand.ShowUpdate(id))),
                    breaches);
        }
    }

    /** Progress is kept in memory alone. */
    private static JsonNode withoutProgress(JsonNode update) {
        return update instanceof ObjectNode object ? object.deepCopy().without("progress") : update;
    }

    private static void compare(Served served, String what, JsonNode actual, JsonNode expected, List<String> breaches) {
        if (!actual.equals(expected)) {
            breaches.add("node " + served.node() + " shows of " + served.domain() + ", " + what + ": " + actual
                    + "; its journal says: " + expected);
        }
    }

    private static JsonNode shown(Served served, Optional<DomainState> state, DomainCommand command) {
        DomainReply reply = DomainDecisions.decide(served.domain(), state, command, Instant.EPOCH)
                .reply()
                .apply(state);
        Object view = reply;
        if (reply instanceof DomainReply.DomainShown shown) {
            view = shown.domain();
        } else if (reply instanceof DomainReply.VersionsShown shown) {
            view = shown.versions();
        } else if (reply instanceof DomainReply.UpdateShown shown) {
            view = shown.update();
        }
        // Through bytes, as the API's answer went: numbers and dates then have one form.
        try {
            return MAPPER.readTree(MAPPER.writeValueAsBytes(view));
        } catch (java.io.IOException e) {
            throw new AssertionError("a view can be written", e);
        }
    }
}
