package dev.perennial.simulations.cluster.invariants;

import static dev.perennial.simulations.cluster.invariants.Records.NEWS;
import static dev.perennial.simulations.cluster.invariants.Records.created;
import static dev.perennial.simulations.cluster.invariants.Records.ended;
import static dev.perennial.simulations.cluster.invariants.Records.evidence;
import static dev.perennial.simulations.cluster.invariants.Records.granted;
import static dev.perennial.simulations.cluster.invariants.Records.journal;
import static dev.perennial.simulations.cluster.invariants.Records.promoted;
import static dev.perennial.simulations.cluster.invariants.Records.queued;
import static dev.perennial.simulations.cluster.invariants.Records.requested;
import static dev.perennial.simulations.cluster.invariants.Records.second;
import static dev.perennial.simulations.cluster.invariants.Records.started;
import static dev.perennial.simulations.cluster.invariants.Records.update;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.SchedulerEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One scheduler, one trainer a lease, one live version. */
class OneTest {
    private final Invariant scheduler = new OneSchedulerActs();
    private final Invariant lease = new OneTrainerALease();
    private final Invariant live = new OneLiveVersion(Duration.ofSeconds(15));

    @Test
    void tokensRise() {
        assertEquals(
                List.of(),
                scheduler.breaches(evidence(
                        List.of(),
                        journal(created(), requested(1, "k"), started(1, 2)),
                        journal(queued(1), granted(1, 1, "a"), ended(1, 1), granted(1, 2, "b")))));
        assertEquals(
                List.of("token 1 of news-u1 was granted after 1"),
                scheduler.breaches(evidence(
                        List.of(),
                        journal(created()),
                        journal(queued(1), granted(1, 1, "a"), ended(1, 1), granted(1, 1, "b")))));
    }

    @Test
    void nobodyActsOnWhatAReplacedSchedulerGranted() {
        List<JournalRow<SchedulerEvent>> rows = new ArrayList<>(journal(queued(1)));
        rows.add(new JournalRow<>(2, "new writer", second(10), granted(1, 1, "a")));
        rows.add(new JournalRow<>(3, "new writer", second(11), ended(1, 1)));
        rows.add(new JournalRow<>(2, "writer", second(12), granted(1, 7, "b")));
        assertEquals(List.of(), scheduler.breaches(evidence(List.of(), journal(created()), rows)));
        assertEquals(
                List.of("news-u1 was begun under token 7, which no scheduler whose events count has granted for it"),
                scheduler.breaches(evidence(List.of(), journal(created(), requested(1, "k"), started(1, 7)), rows)));
    }

    @Test
    void aGapInTheSchedulersJournalIsSeen() {
        List<JournalRow<SchedulerEvent>> rows = new ArrayList<>(journal(queued(1)));
        rows.add(new JournalRow<>(3, "writer", second(3), granted(1, 1, "a")));
        assertEquals(
                List.of("event 2 of the scheduler is missing"),
                scheduler.breaches(evidence(List.of(), journal(created()), rows)));
    }

    @Test
    void anUpdateIsLeasedToOneTrainerAtATime() {
        assertEquals(
                List.of("news-u1 was leased to b while a had it"),
                lease.breaches(evidence(
                        List.of(), journal(created()), journal(queued(1), granted(1, 1, "a"), granted(1, 2, "b")))));
    }

    @Test
    void aLeaseThatWasGivenBackIsFree() {
        List<SchedulerEvent> givenBack = List.of(
                new SchedulerEvent.LeaseReturned(update(1), 1, "its node ends", second(1)),
                new SchedulerEvent.LeaseYielded(update(1), 1, second(1)));
        for (SchedulerEvent each : givenBack) {
            assertEquals(
                    List.of(),
                    lease.breaches(evidence(
                            List.of(),
                            journal(created()),
                            journal(queued(1), granted(1, 1, "a"), each, granted(1, 2, "b"), ended(1, 2)))));
        }
    }

    @Test
    void aTrainerHasOneLease() {
        assertEquals(
                List.of("a got the lease of news-u2 beside another"),
                lease.breaches(evidence(
                        List.of(),
                        journal(created()),
                        journal(queued(1), queued(2), granted(1, 1, "a"), granted(2, 2, "a")))));
    }

    @Test
    void anUpdateIsNotBegunUnderAnOlderToken() {
        assertEquals(
                List.of("news-u1 was begun under token 1 after 2"),
                lease.breaches(
                        evidence(List.of(), journal(created(), requested(1, "k"), started(1, 2), started(1, 1)))));
    }

    @Test
    void aTokenIsNeverShownWithTwoTrainers() {
        Evidence evidence = evidence(List.of(), journal(created()));
        List<LeaseSighting> sightings = List.of(
                new LeaseSighting(second(1), "a", update(1), 4), new LeaseSighting(second(2), "b", update(1), 4));
        assertEquals(
                List.of("token 4 was shown with a for news-u1 and with b for news-u1"),
                lease.breaches(new Evidence(
                        evidence.book(),
                        evidence.domains(),
                        List.of(),
                        evidence.stored(),
                        List.of(),
                        sightings,
                        List.of(),
                        evidence.queue())));
    }

    private List<String> sight(int version, double asked, double answered, List<JournalRow<DomainEvent>> journal) {
        Evidence evidence = evidence(List.of(), journal);
        return live.breaches(new Evidence(
                evidence.book(),
                evidence.domains(),
                List.of(),
                evidence.stored(),
                List.of(new Sighting(2, NEWS, version, second(asked), second(answered))),
                List.of(),
                List.of(),
                evidence.queue()));
    }

    @Test
    void aNodeAnswersWithTheVersionThatIsLiveOrWasOfLate() {
        List<JournalRow<DomainEvent>> journal = List.of(
                new JournalRow<>(1, "w", second(0), created()), new JournalRow<>(2, "w", second(100), promoted(1, 1)));
        assertEquals(List.of(), sight(0, 50, 51, journal));
        assertEquals(List.of(), sight(1, 99, 101, journal));
        assertEquals(List.of(), sight(0, 114, 115, journal));
        assertEquals(1, sight(0, 116, 117, journal).size());
        assertEquals(1, sight(1, 50, 51, journal).size());
        assertEquals(1, sight(2, 200, 201, journal).size());
    }

    @Test
    void nodesShowTheSameLiveVersionInTheEnd() {
        Evidence evidence = evidence(List.of(), journal(created()));
        List<Served> served = List.of(Shown.live(0, "news@1"), Shown.live(1, "news@0"));
        List<String> breaches = live.breaches(new Evidence(
                evidence.book(),
                evidence.domains(),
                List.of(),
                evidence.stored(),
                List.of(),
                List.of(),
                served,
                evidence.queue()));
        assertEquals(List.of("nodes show different live versions of news: {0=news@1, 1=news@0}"), breaches);
    }
}
