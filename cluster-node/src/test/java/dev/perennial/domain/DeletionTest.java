package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainView;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.protocols.UpdateState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeletionTest {
    private final Story story = Story.created();

    @Test
    void takesAnExampleOutOfTheBuffer() {
        story.withLiveVersion(0, 3);
        assertEquals(List.of("e0", "e1", "e2"), ledger().replay().ids());
        delete("e1");
        assertEquals(List.of("e0", "e2"), ledger().replay().ids());
        assertEquals(
                new DomainView.Examples(2, 0, 2, 0, 1, 0, 0), story.domain().examples());
    }

    @Test
    void takesAnExampleOutOfTheQueue() {
        story.withExamples(0, 3);
        delete("e0");
        assertEquals(List.of("e1", "e2"), begin(1).train());
    }

    @Test
    void takesAnExampleOutOfTheRetainedSuite() {
        story.ask(Story.accept(0, 3, ExampleUse.EVALUATE));
        delete("e2");
        story.withExamples(10, 1);
        assertEquals(List.of("e0", "e1"), begin(1).retained());
    }

    @Test
    void deletesManyAtOnceOrNone() {
        story.withExamples(0, 3);
        Problem problem = story.refused(new DomainCommand.DeleteExamples(List.of("e0", "unknown")));
        assertEquals(Problem.Kind.NOT_FOUND, problem.kind());
        assertEquals("domain 'news' has no example 'unknown'", problem.message());
        delete("e0", "e2", "e0");
        assertEquals(new DomainEvent.ExamplesDeleted(List.of("e0", "e2"), Story.START), last());
        assertEquals(
                new DomainView.Examples(1, 1, 0, 0, 2, 0, 0), story.domain().examples());
    }

    @Test
    void deletesOnce() {
        story.withExamples(0, 1);
        delete("e0");
        int before = story.journal.size();
        delete("e0");
        assertEquals(before, story.journal.size());
    }

    @Test
    void refusesADeletedExampleForEver() {
        story.withExamples(0, 2);
        delete("e0");
        assertEquals(
                new DomainReply.ExamplesCounted(1, 1, List.of("e0")), story.ask(Story.accept(0, 3, ExampleUse.TRAIN)));
        assertEquals(List.of("e1", "e2"), begin(1).train());
    }

    /** Whoever sent it has stored its row first. */
    @Test
    void hasTheRowRemovedAgainWhereItWasSentAgain() {
        story.withExamples(0, 1);
        delete("e0");
        assertEquals(Set.of("e0"), rowsToRemove());
        story.happened(new DomainEvent.DeletionCompleted(List.of("e0"), story.now));
        assertEquals(Set.of(), rowsToRemove());
        story.ask(Story.accept(0, 1, ExampleUse.TRAIN));
        assertEquals(new DomainEvent.ExamplesDeleted(List.of("e0"), Story.START), last());
        assertEquals(Set.of("e0"), rowsToRemove());
        assertEquals(0, story.domain().examples().accepted());
    }

    @Test
    void anUpdateInFlightDoesNotBringItBack() {
        story.withExamples(0, 3);
        begin(1);
        delete("e1");
        story.ask(new DomainCommand.SubmitCandidate(Story.id(1), 1, Story.better("artifact")));
        assertEquals(List.of("e0", "e2"), ledger().replay().ids());
    }

    @Test
    void anUpdateInFlightKeepsItsOtherExamplesAndNoMore() {
        story.withExamples(0, 3);
        begin(1);
        story.withExamples(10, 2);
        delete("e1");
        assertEquals(
                List.of("e0", "e2"),
                story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1)).train());
        assertEquals(
                List.of("e0", "e2"),
                story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 2)).train());
        story.ask(new DomainCommand.SubmitCandidate(Story.id(1), 2, Story.better("artifact")));
        assertEquals(
                List.of("e10", "e11"),
                List.copyOf(Split.ids(ledger().waiting().byNumber().values())));
    }

    @Test
    void anUpdateInFlightIsAssignedNeitherDeletedReplayNorDeletedSuite() {
        story.withLiveVersion(0, 2);
        story.ask(Story.accept(50, 2, ExampleUse.EVALUATE));
        story.withExamples(10, 1);
        begin(2);
        delete("e0", "e50");
        UpdateAssignment again = story.assigned(new DomainCommand.BeginUpdate(Story.id(2), 2));
        assertEquals(List.of("e1"), again.replay());
        assertEquals(List.of("e51"), again.retained());
    }

    /** Or what was trained on would become what judges. */
    @Test
    void whatJudgesAnUpdateStaysTheSameWhereSomeOfItIsDeleted() {
        Story judged = Story.created(0.2).withExamples(0, 20);
        judged.ask(Story.request("key"));
        UpdateAssignment before = judged.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1));
        judged.ask(new DomainCommand.DeleteExamples(before.heldOut()));
        UpdateAssignment after = judged.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1));
        assertEquals(before.train(), after.train());
        assertEquals(List.of(), after.heldOut());
        judged.ask(new DomainCommand.SubmitCandidate(Story.id(1), 1, Story.better("artifact")));
        assertEquals(List.of(), judged.state.orElseThrow().examples().retained().ids());
    }

    @Test
    void anUpdateOfWhichNothingIsLeftTakesUpWhatHasCome() {
        story.withExamples(0, 1);
        begin(1);
        delete("e0");
        assertEquals(
                "update news-u1 has no waiting example to learn",
                story.refused(new DomainCommand.BeginUpdate(Story.id(1), 2)).message());
        story.withExamples(10, 2);
        assertEquals(
                List.of("e10", "e11"),
                story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 2)).train());
        assertEquals(
                UpdateState.LIVE,
                story.update(new DomainCommand.SubmitCandidate(Story.id(1), 2, Story.better("artifact")))
                        .state());
    }

    @Test
    void isRememberedByASnapshot() {
        story.withLiveVersion(0, 3).withExamples(10, 2);
        delete("e0", "e11");
        DomainState state = story.state.orElseThrow();
        assertEquals(state, DomainState.fromSnapshot(state.toSnapshot()));
        assertEquals(
                Set.of("e0", "e11"),
                DomainState.fromSnapshot(state.toSnapshot()).rowsToRemove());
    }

    private void delete(String... ids) {
        assertEquals(new DomainReply.Done(), story.ask(new DomainCommand.DeleteExamples(List.of(ids))));
    }

    private UpdateAssignment begin(int update) {
        story.ask(Story.request("update " + update));
        return story.assigned(new DomainCommand.BeginUpdate(Story.id(update), update));
    }

    private ExampleLedger ledger() {
        return story.state.orElseThrow().examples();
    }

    private Set<String> rowsToRemove() {
        return Set.copyOf(story.state.orElseThrow().rowsToRemove());
    }

    private DomainEvent last() {
        return story.journal.get(story.journal.size() - 1);
    }
}
