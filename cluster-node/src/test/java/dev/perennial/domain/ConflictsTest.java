package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.ConflictView;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainView;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Score;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateState;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConflictsTest {
    private final Story story = Story.created();

    @Test
    void setsAsideWhatContradictsItself() {
        story.withExamples(0, 5);
        begin(1);
        story.update(submit(1, Story.divided("artifact", List.of(List.of("e3", "e1")))));
        assertEquals(List.of("e0", "e2", "e4"), ledger().replay().ids());
        assertEquals(
                new DomainView.Examples(5, 0, 3, 0, 0, 1, 0), story.domain().examples());
        assertEquals(List.of(new ConflictView(Story.id(1), List.of("e1", "e3"), Story.START)), conflicts(10));
        assertEquals(
                new DomainEvent.ExamplesSetAside(Story.id(1), List.of(List.of("e3", "e1")), Story.START),
                story.journal.get(story.journal.size() - 2));
    }

    @Test
    void showsTheNewestFirst() {
        story.withExamples(0, 4);
        begin(1);
        story.update(submit(1, Story.divided("artifact", List.of(List.of("e0", "e1"), List.of("e2", "e3")))));
        assertEquals(List.of(List.of("e2", "e3")), examples(conflicts(1)));
        assertEquals(List.of(List.of("e2", "e3"), List.of("e0", "e1")), examples(conflicts(2)));
        assertEquals("limit", story.refused(new DomainCommand.ShowConflicts(0)).param());
        assertEquals(
                "limit", story.refused(new DomainCommand.ShowConflicts(1_001)).param());
    }

    /** Contradictions may leave an update nothing to learn, so that no candidate names them. */
    @Test
    void setsAsideWhatAnUpdateFailedWithWhereItsMethodLooks() {
        accept(fact("old", "Bonn"), fact("new", "Berlin"));
        story.ask(request("first", "lora+gap"));
        story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1));
        story.ask(new DomainCommand.FailUpdate(Story.id(1), 1, "nothing to learn"));
        assertEquals(List.of(List.of("old", "new")), examples(conflicts(10)));
        assertEquals(
                new DomainView.Examples(2, 0, 0, 0, 0, 1, 0), story.domain().examples(), "and none is held back");
    }

    @Test
    void holdsBackTheRestOfWhatAnUpdateFailedWith() {
        accept(fact("old", "Bonn"), fact("new", "Berlin"));
        story.withExamples(0, 2);
        story.ask(request("first", "lora+gap"));
        story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1));
        story.ask(new DomainCommand.FailUpdate(Story.id(1), 1, "SIGSEGV"));
        assertEquals(
                new DomainView.Examples(4, 0, 0, 0, 0, 1, 2), story.domain().examples());
        DomainState state = story.state.orElseThrow();
        assertEquals(state, DomainState.fromSnapshot(state.toSnapshot()));
    }

    @Test
    void holdsBackContradictionsToWhereTheMethodDoesNotLook() {
        accept(fact("old", "Bonn"), fact("new", "Berlin"));
        begin(1);
        story.ask(new DomainCommand.FailUpdate(Story.id(1), 1, "SIGSEGV"));
        assertEquals(List.of(), conflicts(10));
        assertEquals(
                new DomainView.Examples(2, 0, 0, 0, 0, 0, 2), story.domain().examples());
    }

    /** What contradicts itself does so whatever the gate says, and the next update need not find it again. */
    @Test
    void setsAsideThoughTheCandidateIsRejected() {
        story.withExamples(0, 3);
        begin(1);
        Candidate bad = Story.forgetful("bad");
        Candidate divided = new Candidate(
                bad.artifact(), bad.manifest(), bad.evaluation(), List.of(), List.of(List.of("e0", "e1")));
        assertEquals(UpdateState.REJECTED, story.update(submit(1, divided)).state());
        assertEquals(List.of("e2"), begin(2).train());
        assertEquals(1, story.domain().examples().conflicts());
    }

    @Test
    void knowsWhatIsSetAside() {
        setAside();
        assertEquals(new DomainReply.ExamplesCounted(0, 2, List.of()), story.ask(Story.accept(0, 2, ExampleUse.TRAIN)));
    }

    @Test
    void theOneThatIsLeftIsLearnedWhenTheOthersAreDeleted() {
        story.withExamples(0, 4);
        begin(1);
        story.update(submit(1, Story.divided("artifact", List.of(List.of("e0", "e1", "e2")))));
        story.ask(new DomainCommand.DeleteExamples(List.of("e0")));
        assertEquals(List.of(List.of("e1", "e2")), examples(conflicts(10)));
        story.ask(new DomainCommand.DeleteExamples(List.of("e2")));
        assertEquals(List.of(), conflicts(10));
        assertEquals(List.of("e1"), begin(2).train());
    }

    @Test
    void nothingIsLeftWhereAllAreDeletedAtOnce() {
        setAside();
        story.ask(new DomainCommand.DeleteExamples(List.of("e0", "e1")));
        assertEquals(List.of(), conflicts(10));
        assertEquals(
                new DomainView.Examples(1, 0, 1, 0, 2, 0, 0), story.domain().examples());
    }

    @Test
    void theOneThatIsLeftIsLearnedNextWhereTheOthersWereDeletedMeanwhile() {
        story.withExamples(0, 3);
        begin(1);
        story.ask(new DomainCommand.DeleteExamples(List.of("e1")));
        story.update(submit(1, Story.divided("artifact", List.of(List.of("e0", "e1")))));
        assertEquals(List.of(), conflicts(10));
        assertEquals(List.of("e2"), ledger().replay().ids());
        assertEquals(List.of("e0"), begin(2).train());
    }

    @Test
    void aNewerAnswerSettlesIt() {
        accept(fact("rome", "Rome"), fact("milan", "Milan"), new ExampleRef("other", 10, ExampleUse.TRAIN, true));
        begin(1);
        story.update(submit(1, Story.divided("artifact", List.of(List.of("rome", "milan")))));
        accept(fact("turin", "Turin"));
        assertEquals(1, conflicts(10).size());
        begin(2);
        story.update(submit(2, Story.better("artifact-2")));
        assertEquals(List.of(), conflicts(10));
        assertEquals(List.of("other", "turin"), ledger().replay().ids());
    }

    @Test
    void whatTheUpdateDidNotTakeMakesNoConflict() {
        story.withLiveVersion(0, 1).withExamples(10, 2);
        begin(2);
        story.withExamples(20, 1);
        story.update(submit(
                2, Story.divided("artifact", List.of(List.of("e10", "e0"), List.of("e11", "e20"), List.of("e11")))));
        assertEquals(List.of(), conflicts(10));
        assertEquals(List.of("e0", "e10", "e11"), ledger().replay().ids());
        assertEquals(List.of("e20"), begin(3).train());
    }

    @Test
    void whatWasSetAsideNeedNotBeMeasured() {
        Story judged = Story.created(0.2).withExamples(0, 20);
        judged.ask(Story.request("key"));
        UpdateAssignment assignment = judged.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1));
        Score none = Score.EMPTY;
        Candidate better = Story.better("artifact");
        Evaluation unmeasured = new Evaluation(none, none, none, none, none, none);
        List<List<String>> groups = assignment.heldOut().stream()
                .map(id ->
                        List.of(id, assignment.train().get(assignment.heldOut().indexOf(id))))
                .toList();
        DomainCommand submit = new DomainCommand.SubmitCandidate(
                Story.id(1), 1, new Candidate("artifact", better.manifest(), unmeasured, List.of(), groups));
        assertEquals(UpdateState.LIVE, judged.update(submit).state());
        assertEquals(groups.size(), judged.domain().examples().conflicts());
        assertEquals(0, judged.domain().examples().retained());
    }

    @Test
    void anOutlierIsNeitherLearnedNorReplayedNorTakenAgain() {
        story.withExamples(0, 4);
        begin(1);
        story.update(submit(1, strange(List.of("e1", "e1", "e9"))));
        assertEquals(
                new DomainEvent.ExamplesSetAside(Story.id(1), List.of(), List.of("e1"), Story.START),
                story.journal.get(story.journal.size() - 2));
        assertEquals(List.of("e0", "e2", "e3"), ledger().replay().ids());
        assertEquals(
                new DomainView.Examples(4, 0, 3, 0, 0, 0, 0), story.domain().examples());
        assertEquals(new DomainReply.ExamplesCounted(0, 1, List.of()), story.ask(Story.accept(1, 1, ExampleUse.TRAIN)));
        DomainState state = story.state.orElseThrow();
        assertEquals(state, DomainState.fromSnapshot(state.toSnapshot()));
    }

    /** Or a trainer could pass the gate by calling strange what it did not learn. */
    @Test
    void whatJudgesAnUpdateIsNoOutlier() {
        Story judged = Story.created(0.2).withExamples(0, 20);
        judged.ask(Story.request("key"));
        UpdateAssignment assignment = judged.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1));
        judged.update(submit(1, strange(assignment.heldOut())));
        assertEquals(assignment.heldOut().size(), judged.domain().examples().retained());
        assertEquals(
                List.of(),
                judged.journal.stream()
                        .filter(DomainEvent.ExamplesSetAside.class::isInstance)
                        .toList());
    }

    private static Candidate strange(List<String> outliers) {
        Candidate better = Story.better("artifact");
        return new Candidate(
                better.artifact(),
                better.manifest(),
                better.evaluation(),
                List.of(),
                Optional.empty(),
                List.of(),
                outliers);
    }

    @Test
    void isRememberedByASnapshot() {
        setAside();
        DomainState state = story.state.orElseThrow();
        assertEquals(state, DomainState.fromSnapshot(state.toSnapshot()));
    }

    private void setAside() {
        story.withExamples(0, 3);
        begin(1);
        story.update(submit(1, Story.divided("artifact", List.of(List.of("e0", "e1")))));
    }

    private UpdateAssignment begin(int update) {
        story.ask(Story.request("update " + update));
        return story.assigned(new DomainCommand.BeginUpdate(Story.id(update), update));
    }

    private static DomainCommand request(String key, String method) {
        return new DomainCommand.RequestUpdate(key, UpdateKind.KNOWLEDGE, 0.5, Optional.empty(), Optional.of(method));
    }

    private static DomainCommand submit(int update, Candidate candidate) {
        return new DomainCommand.SubmitCandidate(Story.id(update), update, candidate);
    }

    private List<ConflictView> conflicts(int limit) {
        DomainReply reply = story.ask(new DomainCommand.ShowConflicts(limit));
        return reply instanceof DomainReply.ConflictsShown shown ? shown.conflicts() : List.of();
    }

    private static List<List<String>> examples(List<ConflictView> conflicts) {
        return conflicts.stream().map(ConflictView::examples).toList();
    }

    private ExampleLedger ledger() {
        return story.state.orElseThrow().examples();
    }

    private void accept(ExampleRef... examples) {
        story.ask(new DomainCommand.AcceptExamples(List.of(examples)));
    }

    private static ExampleRef fact(String id, String answer) {
        return new ExampleRef(
                id, 40, ExampleUse.TRAIN, true, Optional.of("capital"), Optional.of(answer), Optional.empty());
    }
}
