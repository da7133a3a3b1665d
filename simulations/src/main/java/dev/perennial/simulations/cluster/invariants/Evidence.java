package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.SchedulerEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Everything that an invariant may judge by. The book was copied before the journals were read, so that what it says is
 * acknowledged is in them.
 *
 * @param domains all rows of each domain's journal
 * @param scheduler all rows of the scheduler's
 * @param stored empty where the tables were not read
 * @param served empty while the run goes on
 * @param queue ids of the updates in the queue, which was asked before the journals were read; empty where it was not asked
 */
public record Evidence(
        Book book,
        Map<DomainId, List<JournalRow<DomainEvent>>> domains,
        List<JournalRow<SchedulerEvent>> scheduler,
        Optional<Stored> stored,
        List<Sighting> sightings,
        List<LeaseSighting> leases,
        List<Served> served,
        Optional<Set<String>> queue) {
    public Evidence {
        domains = Map.copyOf(domains);
        scheduler = List.copyOf(scheduler);
        sightings = List.copyOf(sightings);
        leases = List.copyOf(leases);
        served = List.copyOf(served);
        queue = queue.map(Set::copyOf);
    }

    List<JournalRow<DomainEvent>> counted(DomainId domain) {
        return Journal.counted(domains.getOrDefault(domain, List.of()));
    }

    /** The events of a kind that a replay of a domain applies. */
    <E extends DomainEvent> Stream<E> events(DomainId domain, Class<E> kind) {
        return counted(domain).stream()
                .map(JournalRow::event)
                .filter(kind::isInstance)
                .map(kind::cast);
    }

    /** How many rows of all journals a replay passes over. */
    public long discarded() {
        return Journal.discarded(scheduler).size()
                + domains.values().stream()
                        .mapToLong(rows -> Journal.discarded(rows).size())
                        .sum();
    }

    /** How often a version became live by an update. */
    public long promotions() {
        return domains.keySet().stream()
                .mapToLong(domain ->
                        events(domain, DomainEvent.VersionPromoted.class).count())
                .sum();
    }

    /** How often a running update stopped in favour of an urgent one. */
    public long yields() {
        return Journal.counted(scheduler).stream()
                .filter(row -> row.event() instanceof SchedulerEvent.LeaseYielded)
                .count();
    }
}
