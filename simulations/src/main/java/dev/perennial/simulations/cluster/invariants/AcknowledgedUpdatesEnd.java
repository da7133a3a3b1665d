package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Once all is quiet, an update that was acknowledged has ended, or it is in the queue, where it waits or runs. Requests that were
 * merged share an update. One whose request is not in the journal is a matter of {@link AcknowledgedRequestsAreKept}.
 */
public final class AcknowledgedUpdatesEnd implements Invariant {
    @Override
    public List<String> breaches(Evidence evidence) {
        List<String> breaches = new ArrayList<>();
        evidence.queue()
                .ifPresent(queue -> open(evidence).forEach((update, keys) -> {
                    if (!queue.contains(update)) {
                        breaches.add("update " + update + " was acknowledged for " + String.join(", ", keys)
                                + ", has not ended and is not in the queue");
                    }
                }));
        return breaches;
    }

    /** Acknowledged updates that have not ended, with the keys of their requests. */
    public static Map<String, List<String>> open(Evidence evidence) {
        Map<DomainId, Set<String>> ended = new HashMap<>();
        Map<String, List<String>> open = new TreeMap<>();
        for (Write write : evidence.book().acknowledged(Write.Kind.UPDATE)) {
            if (!ended.computeIfAbsent(write.domain(), domain -> ended(evidence, domain))
                            .contains(write.receipt())
                    && AcknowledgedRequestsAreKept.isKept(evidence, write)) {
                open.computeIfAbsent(write.receipt(), update -> new ArrayList<>())
                        .add(write.key());
            }
        }
        open.values().forEach(keys -> keys.sort(null));
        return open;
    }

    static Set<String> ended(Evidence evidence, DomainId domain) {
        return Stream.of(
                        evidence.events(domain, DomainEvent.VersionPromoted.class)
                                .map(DomainEvent.VersionPromoted::update),
                        evidence.events(domain, DomainEvent.CandidateRejected.class)
                                .map(DomainEvent.CandidateRejected::update),
                        evidence.events(domain, DomainEvent.UpdateCancelled.class)
                                .map(DomainEvent.UpdateCancelled::update),
                        evidence.events(domain, DomainEvent.UpdateFailed.class).map(DomainEvent.UpdateFailed::update))
                .flatMap(updates -> updates)
                .map(Object::toString)
                .collect(Collectors.toSet());
    }
}
