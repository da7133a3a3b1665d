package dev.perennial.simulations.cluster.invariants;

import static dev.perennial.simulations.cluster.invariants.Records.NEWS;
import static dev.perennial.simulations.cluster.invariants.Records.accepted;
import static dev.perennial.simulations.cluster.invariants.Records.created;
import static dev.perennial.simulations.cluster.invariants.Records.evidence;
import static dev.perennial.simulations.cluster.invariants.Records.failed;
import static dev.perennial.simulations.cluster.invariants.Records.granted;
import static dev.perennial.simulations.cluster.invariants.Records.journal;
import static dev.perennial.simulations.cluster.invariants.Records.queued;
import static dev.perennial.simulations.cluster.invariants.Records.removed;
import static dev.perennial.simulations.cluster.invariants.Records.requested;
import static dev.perennial.simulations.cluster.invariants.Records.second;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.SchedulerEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Replay: which rows count, and whether the state that they give is the one that is shown. */
class JournalTest {
    private static JournalRow<String> row(long sequence, String writer, double written) {
        return new JournalRow<>(sequence, writer, second(written), sequence + writer);
    }

    private static List<String> counted(List<JournalRow<String>> rows) {
        return Journal.counted(rows).stream().map(JournalRow::event).toList();
    }

    @Test
    void aFormerWriterCountsNoMoreOnceAnotherHasWritten() {
        List<JournalRow<String>> rows =
                List.of(row(1, "a", 1), row(2, "b", 2), row(2, "a", 3), row(3, "b", 4), row(4, "a", 5));
        assertEquals(List.of("1a", "2b", "3b"), counted(rows));
        assertEquals(
                List.of("2a", "4a"),
                Journal.discarded(rows).stream().map(JournalRow::event).toList());
    }

    @Test
    void whatAFormerWriterWroteWithoutItsSuccessorKnowingIsReplaced() {
        assertEquals(
                List.of("1a", "2b"), counted(List.of(row(1, "a", 1), row(2, "a", 2), row(3, "a", 3), row(2, "b", 4))));
    }

    @Test
    void oneWriterAfterTheOtherIsHowEntitiesMove() {
        List<JournalRow<String>> rows = List.of(row(1, "a", 1), row(2, "b", 2), row(3, "c", 3));
        assertEquals(List.of("1a", "2b", "3c"), counted(rows));
        assertEquals(List.of(), Journal.discarded(rows));
    }

    private final Invariant replays = new JournalReplaysToStateServed();

    private static Evidence serving(List<JournalRow<DomainEvent>> journal, Served served) {
        Evidence evidence = evidence(List.of(), journal);
        return new Evidence(
                evidence.book(),
                evidence.domains(),
                List.of(),
                evidence.stored(),
                List.of(),
                List.of(),
                List.of(served),
                evidence.queue());
    }

    /** What a node would show that has replayed the journal, taken from what the invariant says it expected. */
    private JsonNode expected(List<JournalRow<DomainEvent>> journal, Served wrong, String what) {
        String breach = replays.breaches(serving(journal, wrong)).stream()
                .filter(each -> each.contains(", " + what + ": "))
                .findFirst()
                .orElseThrow();
        return Shown.json(breach.substring(breach.indexOf("its journal says: ") + "its journal says: ".length()));
    }

    @Test
    void aNodeThatShowsAnythingElseThanItsJournalSaysIsFound() {
        List<JournalRow<DomainEvent>> journal = journal(created(), accepted("a"), requested(1, "k"), failed(1));
        Served wrong =
                new Served(0, NEWS, Shown.json("{}"), Shown.json("[{}]"), List.of(Shown.json("{\"id\":\"news-u1\"}")));
        assertEquals(3, replays.breaches(serving(journal, wrong)).size());

        JsonNode view = expected(journal, wrong, "the domain");
        JsonNode update = expected(journal, wrong, "update news-u1");
        assertEquals(1, view.path("examples").path("accepted").asInt());
        assertEquals("failed", update.path("state").asText());
        Served right = new Served(0, NEWS, view, Shown.json("[]"), List.of(update));
        assertEquals(List.of(), replays.breaches(serving(journal, right)));

        ObjectNode changed = view.deepCopy();
        changed.put("live_version", "news@1");
        assertEquals(
                1,
                replays.breaches(serving(journal, new Served(0, NEWS, changed, Shown.json("[]"), List.of(update))))
                        .size());
    }

    @Test
    void aQueueThatIsNotWhatTheSchedulersJournalSaysIsFoundOnceAllHasEnded() {
        List<JournalRow<DomainEvent>> ended = journal(created(), accepted("a"), requested(1, "k"), failed(1));
        List<JournalRow<SchedulerEvent>> left = journal(queued(1), granted(1, 1, "a"));
        List<JournalRow<SchedulerEvent>> removed = journal(queued(1), granted(1, 1, "a"), removed(1));
        assertEquals(List.of(), replays.breaches(queued(evidence(List.of(), ended, removed))));
        assertEquals(List.of(), replays.breaches(queued(evidence(List.of(), ended, left), "news-u1")));
        assertEquals(
                List.of("the queue shows [news-u1]; the scheduler's journal says: []"),
                replays.breaches(queued(evidence(List.of(), ended, removed), "news-u1")));
        List<JournalRow<DomainEvent>> open = journal(created(), accepted("a"), requested(1, "k"));
        assertEquals(List.of(), replays.breaches(queued(evidence(List.of(), open, removed), "news-u1")));
    }

    @Test
    void anEventThatIsMissingIsFound() {
        List<JournalRow<DomainEvent>> rows = new ArrayList<>(journal(created()));
        rows.add(new JournalRow<>(3, "writer", second(3), accepted("a")));
        assertTrue(replays.breaches(evidence(List.of(), rows)).contains("event 2 of news is missing"));
    }
}
