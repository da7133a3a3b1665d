package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.ExampleRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** An example that was acknowledged is in its domain's journal, and its text in the example store. */
public final class AcknowledgedExamplesAreKept implements Invariant {
    @Override
    public List<String> breaches(Evidence evidence) {
        Map<DomainId, Set<String>> journaled = new HashMap<>();
        List<String> breaches = new ArrayList<>();
        for (Write write : evidence.book().acknowledged(Write.Kind.EXAMPLE)) {
            Set<String> accepted = journaled.computeIfAbsent(
                    write.domain(),
                    domain -> evidence.events(domain, DomainEvent.ExamplesAccepted.class)
                            .flatMap(event -> event.examples().stream())
                            .map(ExampleRef::id)
                            .collect(Collectors.toSet()));
            if (!accepted.contains(write.key())) {
                breaches.add("example " + write.key() + " of " + write.domain()
                        + " was acknowledged and is not in the journal");
            } else if (evidence.stored()
                    .map(stored -> stored.examples().getOrDefault(write.domain(), Set.of()))
                    .filter(rows -> !rows.contains(write.key()))
                    .isPresent()) {
                breaches.add("example " + write.key() + " of " + write.domain()
                        + " was acknowledged and its text is not in the example store");
            }
        }
        return breaches;
    }
}
