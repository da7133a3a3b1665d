package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Domains, requests for updates and rollbacks that were acknowledged are in the journal, an update under the id that was told. */
public final class AcknowledgedRequestsAreKept implements Invariant {
    @Override
    public List<String> breaches(Evidence evidence) {
        List<String> breaches = new ArrayList<>();
        for (Write write : evidence.book().acknowledged(Write.Kind.DOMAIN)) {
            if (evidence.events(write.domain(), DomainEvent.DomainCreated.class)
                    .findAny()
                    .isEmpty()) {
                breaches.add("domain " + write.domain() + " was acknowledged and is not in the journal");
            }
        }
        for (Write write : evidence.book().acknowledged(Write.Kind.UPDATE)) {
            Optional<String> found = update(evidence, write);
            if (found.filter(write.receipt()::equals).isEmpty()) {
                breaches.add("a request for an update of " + write.domain() + " was acknowledged as " + write.receipt()
                        + " and its key " + write.key() + " is "
                        + found.map(other -> "that of " + other).orElse("not in the journal"));
            }
        }
        for (Write write : evidence.book().acknowledged(Write.Kind.ROLLBACK)) {
            if (evidence.events(write.domain(), DomainEvent.VersionRolledBack.class)
                    .noneMatch(event -> event.key().equals(write.key()))) {
                breaches.add("rollback " + write.key() + " of " + write.domain()
                        + " was acknowledged and is not in the journal");
            }
        }
        return breaches;
    }

    /** Whether the journal has a request for an update under the id that was told. */
    static boolean isKept(Evidence evidence, Write write) {
        return update(evidence, write).filter(write.receipt()::equals).isPresent();
    }

    private static Optional<String> update(Evidence evidence, Write write) {
        Optional<String> requested = evidence.events(write.domain(), DomainEvent.UpdateRequested.class)
                .filter(event -> event.key().equals(write.key()))
                .map(event -> event.request().id().toString())
                .findFirst();
        return requested.or(() -> evidence.events(write.domain(), DomainEvent.RequestMerged.class)
                .filter(event -> event.key().equals(write.key()))
                .map(event -> event.update().toString())
                .findFirst());
    }
}
