package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whatever node answers, it answers with the version that is live, or that was until shortly before it was asked; once all is
 * quiet, all nodes show the same.
 */
public final class OneLiveVersion implements Invariant {
    /** Rows are stamped by another process than sightings are, both by the machine's clock. */
    private static final Duration STAMPS = Duration.ofMillis(50);

    private final Duration propagation;

    /** @param propagation how long before a question a version may have ceased to be live that answers it */
    public OneLiveVersion(Duration propagation) {
        this.propagation = propagation;
    }

    private record Change(Instant at, int version) {}

    @Override
    public List<String> breaches(Evidence evidence) {
        List<String> breaches = new ArrayList<>();
        Map<DomainId, List<Change>> changes = new HashMap<>();
        for (Sighting sighting : evidence.sightings()) {
            List<Change> timeline = changes.computeIfAbsent(sighting.domain(), domain -> changes(evidence, domain));
            if (!wasLive(timeline, sighting)) {
                breaches.add("node " + sighting.node() + " answered with version " + sighting.version() + " of "
                        + sighting.domain() + " from " + sighting.asked() + " to " + sighting.answered()
                        + ", when it was not live and had not been for " + propagation.toSeconds() + " s");
            }
        }
        Map<DomainId, Map<Integer, String>> shown = evidence.served().stream()
                .collect(Collectors.groupingBy(
                        Served::domain,
                        Collectors.toMap(
                                Served::node,
                                served -> served.view().path("live_version").asText())));
        shown.forEach((domain, byNode) -> {
            if (byNode.values().stream().distinct().count() > 1) {
                breaches.add("nodes show different live versions of " + domain + ": " + byNode);
            }
        });
        return breaches;
    }

    private static List<Change> changes(Evidence evidence, DomainId domain) {
        List<Change> changes = new ArrayList<>();
        for (JournalRow<DomainEvent> row : evidence.counted(domain)) {
            DomainEvent event = row.event();
            if (event instanceof DomainEvent.DomainCreated) {
                changes.add(new Change(row.written(), 0));
            } else if (event instanceof DomainEvent.VersionPromoted promoted) {
                changes.add(new Change(row.written(), promoted.version().number()));
            } else if (event instanceof DomainEvent.VersionRolledBack rolledBack) {
                changes.add(new Change(row.written(), rolledBack.to().number()));
            }
        }
        return changes;
    }

    private boolean wasLive(List<Change> changes, Sighting sighting) {
        Instant earliest = sighting.asked().minus(propagation);
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            Instant until = i + 1 < changes.size() ? changes.get(i + 1).at() : Instant.MAX;
            if (change.version() == sighting.version()
                    && !change.at().isAfter(sighting.answered().plus(STAMPS))
                    && until.isAfter(earliest)) {
                return true;
            }
        }
        return false;
    }
}
