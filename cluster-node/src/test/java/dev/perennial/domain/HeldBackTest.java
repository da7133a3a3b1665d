package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainSnapshot.Held;
import dev.perennial.protocols.DomainView;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateView;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of the examples of an update that failed however often it was tried. */
class HeldBackTest {
    private static final String CRASH = "All 3 attempts ended without a candidate. Attempt 1, trainer a: SIGSEGV.";

    private final Story story = Story.created();
    private int requests;

    @Test
    void keepsThemApartSoThatTheDomainLearnsOthers() {
        story.withExamples(0, 3);
        UpdateId poisoned = request();
        fail(poisoned);
        assertEquals(
                new DomainView.Examples(3, 0, 0, 0, 0, 0, 3), story.domain().examples());

        story.withExamples(10, 2);
        assertEquals(List.of("e10", "e11"), begin(request()));
        submit();
        assertEquals(
                new DomainView.Examples(5, 0, 2, 0, 0, 0, 3), story.domain().examples());
    }

    @Test
    void tellsWhatHappenedAndWhatToDo() {
        story.withExamples(0, 3);
        UpdateId poisoned = request();
        fail(poisoned);
        UpdateView view = show(poisoned);
        assertEquals(Optional.of(CRASH), view.reason());
        assertTrue(
                view.explanation()
                        .endsWith(
                                "; held back, so that the domain learns others meanwhile: the 3 examples with which it"
                                        + " failed; see the reason. An update that is requested while nothing else waits tries them"
                                        + " again"),
                view.explanation());
        story.ask(new DomainCommand.DeleteExamples(List.of("e0", "e2")));
        assertTrue(
                show(poisoned)
                        .explanation()
                        .endsWith(
                                "example e1, with which it failed alone; delete it, or mend what the reason says. An update"
                                        + " that is requested while nothing else waits tries it again"),
                () -> show(poisoned).explanation());
        story.ask(new DomainCommand.DeleteExamples(List.of("e1")));
        assertTrue(!show(poisoned).explanation().contains("held back"));
    }

    @Test
    void triesThemAgainAsAWholeWhereNothingElseWaits() {
        story.withExamples(0, 3);
        fail(request());
        UpdateId again = request();
        assertEquals(3, story.state.orElseThrow().openRequests().get(0).examples());
        assertEquals(List.of("e0", "e1", "e2"), begin(again));
        submit();
        assertEquals(
                new DomainView.Examples(3, 0, 3, 0, 0, 0, 0), story.domain().examples());
    }

    @Test
    void halvesWhatFailsAgainUntilTheOneAtFaultIsAlone() {
        story.withExamples(0, 10);
        fail(request());
        int rounds = 0;
        while (!alone("e6")) {
            rounds++;
            assertTrue(rounds < 20, "it does not end: " + held());
            UpdateId update = request();
            if (begin(update).contains("e6")) {
                failBegun(update);
            } else {
                submit();
            }
        }
        assertEquals(
                new DomainView.Examples(10, 0, 3, 0, 0, 0, 1), story.domain().examples(), "a buffer of 3");
        story.withExamples(20, 1);
        assertEquals(List.of("e20"), begin(request()));
    }

    @Test
    void takesWhatCameMeanwhileAlongAndLosesNothing() {
        story.withExamples(0, 2);
        fail(request());
        UpdateId again = request();
        story.withExamples(10, 2);
        assertEquals(List.of("e0", "e1", "e10", "e11"), begin(again));
        failBegun(again);
        assertEquals(List.of(List.of("e0", "e1"), List.of("e10", "e11")), held());
        assertTrue(show(again).explanation().endsWith("half of them at a time, until the one at fault is alone"));
    }

    @Test
    void leavesThemWhereTheyAreWhileAnotherUpdateIsOpen() {
        story.withExamples(0, 2);
        fail(request());
        story.withExamples(10, 2);
        UpdateId running = request();
        begin(running);
        requests++;
        assertTrue(story.refused(Story.request("request-" + requests))
                .message()
                .endsWith("; the 2 that are held back are tried again once no update is open"));
        submit();
        assertEquals(List.of("e0", "e1"), begin(request()));
    }

    @Test
    void holdsNothingBackOfAnUpdateThatWasNeverBegun() {
        story.withExamples(0, 2);
        UpdateId update = request();
        story.ask(new DomainCommand.FailUpdate(update, 1, "no trainer answered"));
        assertEquals(
                new DomainView.Examples(2, 2, 0, 0, 0, 0, 0), story.domain().examples());
    }

    @Test
    void learnsThemAlongWithOthersInJournalsOfBefore() {
        story.withExamples(0, 2);
        UpdateId update = request();
        begin(update);
        story.happened(new DomainEvent.UpdateFailed(update, "before", story.now));
        assertEquals(
                new DomainView.Examples(2, 2, 0, 0, 0, 0, 0), story.domain().examples());
    }

    private UpdateId request() {
        requests++;
        return story.update(Story.request("request-" + requests)).id();
    }

    private List<String> begin(UpdateId update) {
        List<String> train = story.assigned(new DomainCommand.BeginUpdate(update, update.number()))
                .train();
        return List.copyOf(train);
    }

    /** The update that is begun goes live. */
    private void submit() {
        UpdateId update = story.state.orElseThrow().openRequests().get(0).id();
        story.ask(new DomainCommand.SubmitCandidate(update, update.number(), Story.better("artifact-" + update)));
    }

    private void fail(UpdateId update) {
        begin(update);
        failBegun(update);
    }

    private void failBegun(UpdateId update) {
        story.ask(new DomainCommand.FailUpdate(update, update.number(), CRASH));
        assertEquals(
                story.state.orElseThrow(),
                DomainState.fromSnapshot(story.state.orElseThrow().toSnapshot()));
    }

    private UpdateView show(UpdateId update) {
        return story.update(new DomainCommand.ShowUpdate(update));
    }

    private boolean alone(String example) {
        return held().equals(List.of(List.of(example)));
    }

    /** The groups, each by the ids of its examples. */
    private List<List<String>> held() {
        List<Held> groups = story.state.orElseThrow().examples().heldBack().toSnapshot();
        return groups.stream()
                .map(group -> group.examples().stream()
                        .map(each -> each.example().id())
                        .toList())
                .toList();
    }
}
