package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.protocols.UpdateId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A new answer to a known question takes the place of the old one, in what is replayed and in what is asked. */
class ChangedFactsTest {
    private final Story story = Story.created();

    @Test
    void anUpdateDoesNotReplayWhatItAnswersAnew() {
        learn(fact("rome-was", "capital", "Rome"), fact("po", "river", "Po"));
        accept(fact("milan", "capital", "Milan"));
        UpdateAssignment assignment = begin();
        assertEquals(List.of("milan"), assignment.train());
        assertEquals(List.of("po"), assignment.replay());
    }

    @Test
    void theBufferHasTheNewAnswerAloneOnceItIsLive() {
        learn(fact("rome-was", "capital", "Rome"), fact("po", "river", "Po"));
        learn(fact("milan", "capital", "Milan"));
        assertEquals(List.of("po", "milan"), buffer());
        learn(fact("turin", "capital", "Turin"));
        assertEquals(List.of("po", "turin"), buffer());
    }

    @Test
    void theOldAnswerStaysWhereTheNewOneWasNotLearned() {
        learn(fact("rome-was", "capital", "Rome"));
        accept(fact("milan", "capital", "Milan"));
        UpdateAssignment assignment = begin();
        story.ask(new DomainCommand.SubmitCandidate(assignment.update(), assignment.token(), Story.forgetful("bad")));
        assertEquals(List.of("rome-was"), buffer());
        assertEquals(List.of(), begin().replay(), "but is not replayed as long as the new one waits");
    }

    @Test
    void theRetainedSuiteDoesNotAskForTheOldAnswer() {
        accept(asked("rome-was", "capital", "Rome"), asked("po", "river", "Po"));
        accept(fact("milan", "capital", "Milan"));
        assertEquals(List.of("rome-was", "po"), retained());
        UpdateAssignment assignment = begin();
        assertEquals(List.of("po"), assignment.retained());
        story.ask(new DomainCommand.SubmitCandidate(assignment.update(), assignment.token(), Story.better("good")));
        assertEquals(List.of("po"), retained());
    }

    @Test
    void anExampleToEvaluateWithSettlesTheAnswerAtOnce() {
        learn(fact("rome-was", "capital", "Rome"), fact("po", "river", "Po"));
        accept(asked("rome-asked", "capital", "Rome"));
        accept(asked("milan", "capital", "Milan"));
        assertEquals(List.of("po"), buffer());
        assertEquals(List.of("milan"), retained());
    }

    @Test
    void anOlderAnswerThatIsLearnedLaterTakesNothingAway() {
        accept(fact("rome-was", "capital", "Rome"), fact("po", "river", "Po"));
        UpdateAssignment assignment = begin();
        accept(asked("milan", "capital", "Milan"));
        story.ask(new DomainCommand.SubmitCandidate(assignment.update(), assignment.token(), Story.better("good")));
        assertEquals(List.of("milan"), retained());
        assertEquals(List.of("po"), buffer());
    }

    @Test
    void ofTwoAnswersInOneUpdateTheNewerStays() {
        learn(fact("rome-was", "capital", "Rome"), fact("milan", "capital", "Milan"));
        assertEquals(List.of("milan"), buffer());
    }

    @Test
    void theSameAnswerInAnotherFormTakesNothingAway() {
        learn(fact("rome", "capital", "Rome"));
        accept(asked("rome-asked", "capital", "Rome"));
        learn(fact("rome-again", "capital", "Rome"));
        assertEquals(List.of("rome", "rome-again"), buffer());
        assertEquals(List.of("rome-asked"), retained());
    }

    @Test
    void whatAsksNothingIsLeftAlone() {
        ExampleRef document = new ExampleRef("document", 40, ExampleUse.TRAIN, false);
        learn(document);
        learn(new ExampleRef("another", 40, ExampleUse.TRAIN, false));
        assertEquals(List.of("document", "another"), buffer());
    }

    @Test
    void isRememberedByASnapshot() {
        learn(fact("rome-was", "capital", "Rome"), fact("po", "river", "Po"));
        accept(
                asked("nile", "longest", "Nile"),
                fact("milan", "capital", "Milan"),
                fact("amazon", "longest", "Amazon"));
        story.state = story.state.map(state -> DomainState.fromSnapshot(state.toSnapshot()));
        UpdateAssignment assignment = begin();
        assertEquals(List.of("po"), assignment.replay());
        assertEquals(List.of(), assignment.retained());
    }

    private List<String> buffer() {
        return story.state.orElseThrow().examples().replay().ids();
    }

    private List<String> retained() {
        return story.state.orElseThrow().examples().retained().ids();
    }

    private void accept(ExampleRef... examples) {
        story.ask(new DomainCommand.AcceptExamples(List.of(examples)));
    }

    private void learn(ExampleRef... examples) {
        accept(examples);
        UpdateAssignment assignment = begin();
        story.ask(new DomainCommand.SubmitCandidate(
                assignment.update(), assignment.token(), Story.better("artifact of " + assignment.update())));
    }

    private UpdateAssignment begin() {
        UpdateId update =
                story.update(Story.request("after " + story.journal.size())).id();
        return story.assigned(new DomainCommand.BeginUpdate(update, update.number()));
    }

    private static ExampleRef fact(String id, String prompt, String answer) {
        return example(id, prompt, answer, ExampleUse.TRAIN);
    }

    private static ExampleRef asked(String id, String prompt, String answer) {
        return example(id, prompt, answer, ExampleUse.EVALUATE);
    }

    private static ExampleRef example(String id, String prompt, String answer, ExampleUse use) {
        return new ExampleRef(id, 40, use, true, Optional.of(prompt), Optional.of(answer), Optional.empty());
    }
}
