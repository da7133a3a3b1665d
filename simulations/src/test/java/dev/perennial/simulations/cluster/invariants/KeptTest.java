package dev.perennial.simulations.cluster.invariants;

import static dev.perennial.simulations.cluster.invariants.Records.NEWS;
import static dev.perennial.simulations.cluster.invariants.Records.accepted;
import static dev.perennial.simulations.cluster.invariants.Records.acknowledged;
import static dev.perennial.simulations.cluster.invariants.Records.ambiguous;
import static dev.perennial.simulations.cluster.invariants.Records.created;
import static dev.perennial.simulations.cluster.invariants.Records.evidence;
import static dev.perennial.simulations.cluster.invariants.Records.failed;
import static dev.perennial.simulations.cluster.invariants.Records.journal;
import static dev.perennial.simulations.cluster.invariants.Records.promoted;
import static dev.perennial.simulations.cluster.invariants.Records.queued;
import static dev.perennial.simulations.cluster.invariants.Records.requested;
import static dev.perennial.simulations.cluster.invariants.Records.rolledBack;
import static dev.perennial.simulations.cluster.invariants.Records.second;
import static dev.perennial.simulations.cluster.invariants.Records.started;
import static dev.perennial.simulations.cluster.invariants.Records.update;
import static dev.perennial.simulations.cluster.invariants.Records.with;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.DomainEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What was acknowledged is kept, and counts once. */
class KeptTest {
    private final Invariant examples = new AcknowledgedExamplesAreKept();
    private final Invariant feedback = new AcknowledgedFeedbackIsKept();
    private final Invariant requests = new AcknowledgedRequestsAreKept();
    private final Invariant ends = new AcknowledgedUpdatesEnd();
    private final Invariant once = new NothingIsAppliedTwice();

    @Test
    void anAcknowledgedExampleHasToBeInTheJournal() {
        List<JournalRow<DomainEvent>> journal = journal(created(), accepted("a", "b"));
        assertEquals(
                List.of(),
                examples.breaches(evidence(
                        List.of(acknowledged(Write.Kind.EXAMPLE, "a", ""), ambiguous(Write.Kind.EXAMPLE, "z")),
                        journal)));
        assertEquals(
                List.of("example c of news was acknowledged and is not in the journal"),
                examples.breaches(evidence(List.of(acknowledged(Write.Kind.EXAMPLE, "c", "")), journal)));
    }

    @Test
    void anAcknowledgedExampleInARowThatAReplayPassesOverIsLost() {
        List<JournalRow<DomainEvent>> journal = new ArrayList<>(journal(created()));
        journal.add(new JournalRow<>(2, "new writer", second(10), accepted("a")));
        journal.add(new JournalRow<>(2, "writer", second(11), accepted("b")));
        assertEquals(
                List.of("example b of news was acknowledged and is not in the journal"),
                examples.breaches(evidence(
                        List.of(acknowledged(Write.Kind.EXAMPLE, "a", ""), acknowledged(Write.Kind.EXAMPLE, "b", "")),
                        journal)));
    }

    @Test
    void theTextOfAnAcknowledgedExampleHasToBeInTheStore() {
        Evidence journaled =
                evidence(List.of(acknowledged(Write.Kind.EXAMPLE, "a", "")), journal(created(), accepted("a")));
        assertEquals(List.of(), examples.breaches(with(journaled, new Stored(Map.of(NEWS, Set.of("a")), List.of()))));
        assertEquals(
                List.of("example a of news was acknowledged and its text is not in the example store"),
                examples.breaches(with(journaled, new Stored(Map.of(), List.of()))));
    }

    @Test
    void acknowledgedFeedbackHasToBeStored() {
        Evidence evidence = evidence(
                List.of(acknowledged(Write.Kind.FEEDBACK, "f1", ""), ambiguous(Write.Kind.FEEDBACK, "f2")),
                journal(created()));
        assertEquals(
                List.of(),
                feedback.breaches(
                        with(evidence, new Stored(Map.of(), List.of(new Stored.Feedback(NEWS, "id", "f1"))))));
        assertEquals(
                List.of("feedback f1 on news was acknowledged and is not in the feedback store"),
                feedback.breaches(with(evidence, new Stored(Map.of(), List.of()))));
    }

    @Test
    void anAcknowledgedUpdateHasToBeInTheJournalUnderTheIdThatWasTold() {
        List<Write> told = List.of(acknowledged(Write.Kind.UPDATE, "k", "news-u1"));
        assertEquals(List.of(), requests.breaches(evidence(told, journal(created(), requested(1, "k")))));
        assertEquals(
                List.of(
                        "a request for an update of news was acknowledged as news-u1 and its key k is not in the journal"),
                requests.breaches(evidence(told, journal(created(), requested(1, "other")))));
        assertEquals(
                List.of("a request for an update of news was acknowledged as news-u1 and its key k is that of news-u2"),
                requests.breaches(evidence(told, journal(created(), requested(1, "other"), requested(2, "k")))));
    }

    @Test
    void aMergedRequestIsKeptInTheUpdateThatTookIt() {
        assertEquals(
                List.of(),
                requests.breaches(evidence(
                        List.of(acknowledged(Write.Kind.UPDATE, "k2", "news-u1")),
                        journal(created(), requested(1, "k1"), merged(1, "k2")))));
    }

    private static DomainEvent merged(int update, String key) {
        return new DomainEvent.RequestMerged(Records.update(update), key, Optional.empty(), second(0));
    }

    @Test
    void anAcknowledgedUpdateHasToEndOrToBeInTheQueue() {
        Evidence open = evidence(
                List.of(acknowledged(Write.Kind.UPDATE, "k", "news-u1")),
                journal(created(), requested(1, "k"), started(1, 1)));
        assertEquals(List.of(), ends.breaches(open), "nobody asked for the queue");
        assertEquals(List.of(), ends.breaches(queued(open, "news-u1")));
        assertEquals(
                List.of("update news-u1 was acknowledged for k, has not ended and is not in the queue"),
                ends.breaches(queued(open, "news-u2")));
    }

    @Test
    void howeverAnUpdateEndsItNeedsToBeInTheQueueNoMore() {
        List<DomainEvent> all = List.of(
                promoted(1, 1),
                failed(1),
                new DomainEvent.CandidateRejected(update(1), Records.version(1), "why", second(0)),
                new DomainEvent.UpdateCancelled(update(1), "why", second(0)));
        for (DomainEvent end : all) {
            Evidence ended = evidence(
                    List.of(acknowledged(Write.Kind.UPDATE, "k", "news-u1")),
                    journal(created(), requested(1, "k"), end));
            assertEquals(List.of(), ends.breaches(queued(ended)));
        }
        Evidence another = evidence(
                List.of(acknowledged(Write.Kind.UPDATE, "k", "news-u2")),
                journal(created(), requested(1, "j"), requested(2, "k"), failed(1)));
        assertEquals(1, ends.breaches(queued(another)).size());
    }

    @Test
    void requestsThatWereMergedLoseOneUpdate() {
        Evidence lost = evidence(
                List.of(
                        acknowledged(Write.Kind.UPDATE, "k2", "news-u1"),
                        acknowledged(Write.Kind.UPDATE, "k1", "news-u1"),
                        ambiguous(Write.Kind.UPDATE, "k3")),
                journal(created(), requested(1, "k1"), merged(1, "k2"), requested(2, "k3")));
        assertEquals(
                List.of("update news-u1 was acknowledged for k1, k2, has not ended and is not in the queue"),
                ends.breaches(queued(lost)));
    }

    @Test
    void anUpdateThatTheJournalDoesNotHaveIsLostOnce() {
        Evidence lost = evidence(List.of(acknowledged(Write.Kind.UPDATE, "k", "news-u1")), journal(created()));
        assertEquals(1, requests.breaches(queued(lost)).size());
        assertEquals(List.of(), ends.breaches(queued(lost)));
    }

    @Test
    void acknowledgedRollbacksAndDomainsHaveToBeInTheJournal() {
        List<Write> told =
                List.of(acknowledged(Write.Kind.DOMAIN, "news", ""), acknowledged(Write.Kind.ROLLBACK, "r", "0"));
        assertEquals(List.of(), requests.breaches(evidence(told, journal(created(), rolledBack(1, 0, "r")))));
        assertEquals(
                List.of(
                        "domain news was acknowledged and is not in the journal",
                        "rollback r of news was acknowledged and is not in the journal"),
                requests.breaches(evidence(told, journal())));
    }

    @Test
    void nothingIsInTheJournalAgain() {
        assertEquals(
                List.of(),
                once.breaches(evidence(
                        List.of(),
                        journal(created(), accepted("a"), requested(1, "k"), promoted(1, 1), rolledBack(1, 0, "r")))));
        assertEquals(
                List.of(
                        "example a of news is in the journal again at 3",
                        "request k of news is in the journal again at 5",
                        "the end of news-u1 of news is in the journal again at 7",
                        "rollback r of news is in the journal again at 9"),
                once.breaches(evidence(
                        List.of(),
                        journal(
                                created(),
                                accepted("a"),
                                accepted("b", "a"),
                                requested(1, "k"),
                                requested(2, "k"),
                                promoted(1, 1),
                                promoted(1, 2),
                                rolledBack(1, 0, "r"),
                                rolledBack(2, 0, "r")))));
    }

    @Test
    void feedbackIsStoredOnce() {
        Stored twice =
                new Stored(Map.of(), List.of(new Stored.Feedback(NEWS, "1", "f"), new Stored.Feedback(NEWS, "2", "f")));
        assertEquals(
                List.of("feedback f of news is stored twice"),
                once.breaches(with(evidence(List.of(), journal(created())), twice)));
    }
}
