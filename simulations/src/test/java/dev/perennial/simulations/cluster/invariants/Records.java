package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Builds histories of one domain and its scheduler. Times are seconds. */
final class Records {
    static final DomainId NEWS = new DomainId("news");

    private Records() {}

    static Instant second(double seconds) {
        return Instant.ofEpochMilli(Math.round(seconds * 1000));
    }

    static UpdateId update(int number) {
        return UpdateId.parse("news-u" + number);
    }

    static VersionId version(int number) {
        return new VersionId(NEWS, number);
    }

    static DomainEvent created() {
        return new DomainEvent.DomainCreated(NEWS, "of a test", DomainPolicy.DEFAULT, second(0));
    }

    static DomainEvent accepted(String... ids) {
        return new DomainEvent.ExamplesAccepted(
                Stream.of(ids)
                        .map(id -> new ExampleRef(id, 10, ExampleUse.TRAIN, true))
                        .toList(),
                second(0));
    }

    static UpdateRequest request(int number) {
        return new UpdateRequest(
                update(number), UpdateKind.KNOWLEDGE, 0.5, Optional.empty(), Optional.empty(), 1, second(0));
    }

    static DomainEvent requested(int number, String key) {
        return new DomainEvent.UpdateRequested(request(number), key, 0.5, "", second(0));
    }

    static DomainEvent started(int number, long token) {
        return new DomainEvent.UpdateStarted(update(number), token, version(0), 1, 1, second(0));
    }

    static DomainEvent failed(int number) {
        return new DomainEvent.UpdateFailed(update(number), "why", second(0));
    }

    static DomainEvent promoted(int update, int version) {
        return new DomainEvent.VersionPromoted(update(update), version(version), List.of(), second(0));
    }

    static DomainEvent rolledBack(int from, int to, String key) {
        return new DomainEvent.VersionRolledBack(version(from), version(to), "why", key, second(0));
    }

    static SchedulerEvent queued(int number) {
        return new SchedulerEvent.RequestQueued(request(number), second(0));
    }

    static SchedulerEvent granted(int number, long token, String trainer) {
        return new SchedulerEvent.LeaseGranted(update(number), token, trainer, second(0));
    }

    static SchedulerEvent ended(int number, long token) {
        return new SchedulerEvent.LeaseEnded(update(number), token, "why", second(0));
    }

    static SchedulerEvent removed(int number) {
        return new SchedulerEvent.RequestRemoved(update(number), "why", Optional.empty(), second(0));
    }

    /** Of one writer, from sequence number 1 on, a second apart. */
    @SafeVarargs
    static <E> List<JournalRow<E>> journal(E... events) {
        List<JournalRow<E>> rows = new ArrayList<>();
        for (E event : events) {
            rows.add(new JournalRow<>(rows.size() + 1, "writer", second(rows.size() + 1), event));
        }
        return rows;
    }

    static Write acknowledged(Write.Kind kind, String key, String receipt) {
        return new Write(kind, NEWS, key, Write.State.ACKNOWLEDGED, receipt);
    }

    static Write ambiguous(Write.Kind kind, String key) {
        return new Write(kind, NEWS, key, Write.State.AMBIGUOUS, "");
    }

    static Evidence evidence(List<Write> writes, List<JournalRow<DomainEvent>> domain) {
        return evidence(writes, domain, List.of());
    }

    static Evidence evidence(
            List<Write> writes, List<JournalRow<DomainEvent>> domain, List<JournalRow<SchedulerEvent>> scheduler) {
        return new Evidence(
                new Book(writes),
                Map.of(NEWS, domain),
                scheduler,
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty());
    }

    static Evidence with(Evidence evidence, Stored stored) {
        return new Evidence(
                evidence.book(),
                evidence.domains(),
                evidence.scheduler(),
                Optional.of(stored),
                evidence.sightings(),
                evidence.leases(),
                evidence.served(),
                evidence.queue());
    }

    /** Once all is quiet, with these updates in the queue. */
    static Evidence queued(Evidence evidence, String... updates) {
        return new Evidence(
                evidence.book(),
                evidence.domains(),
                evidence.scheduler(),
                evidence.stored(),
                evidence.sightings(),
                evidence.leases(),
                evidence.served(),
                Optional.of(Set.of(updates)));
    }
}
