package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.perennial.protocols.Checkpoint;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.UpdateView;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CheckpointsTest {
    private static final Checkpoint FIRST = new Checkpoint("first", 10, 1);
    private static final Checkpoint SECOND = new Checkpoint("second", 20, 1);

    @Test
    void handsTheLatestCheckpointToTheNextAttempt() {
        Story story = running();
        take(story, FIRST);
        take(story, SECOND);
        assertEquals(
                Optional.of(SECOND),
                story.update(new DomainCommand.ShowUpdate(Story.id(1))).checkpoint());
        assertEquals(
                Optional.of(SECOND),
                story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 2)).checkpoint());
        assertEquals(
                List.of(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("attempt 2 was given the checkpoint of step 20")),
                story.update(new DomainCommand.ShowUpdate(Story.id(1))).history().stream()
                        .map(UpdateView.Step::note)
                        .toList());
        assertEquals(Set.of("first"), outdated(story));
    }

    @Test
    void refusesACheckpointUnderAnOldToken() {
        Story story = running();
        story.ask(new DomainCommand.BeginUpdate(Story.id(1), 2));
        Problem problem = story.refused(new DomainCommand.TakeCheckpoint(Story.id(1), FIRST));
        assertEquals("the latest token of update news-u1 is 2; got 1", problem.message());
        assertEquals(
                Optional.empty(),
                story.update(new DomainCommand.ShowUpdate(Story.id(1))).checkpoint());
    }

    @Test
    void refusesACheckpointOfAnUpdateThatDoesNotRun() {
        Story story = Story.created().withExamples(0, 1);
        story.ask(Story.request("key"));
        assertEquals(
                Problem.Kind.CONFLICT,
                story.refused(new DomainCommand.TakeCheckpoint(Story.id(1), FIRST))
                        .kind());
    }

    @Test
    void takesACheckpointThatComesAgainOrLateOnce() {
        Story story = running();
        take(story, FIRST);
        take(story, SECOND);
        int before = story.journal.size();
        take(story, FIRST);
        take(story, SECOND);
        assertEquals(before, story.journal.size());
    }

    /** Whoever is refused removes the checkpoint, from which the next attempt goes on by now. */
    @Test
    void acknowledgesACheckpointAgainThatTheNextAttemptHasBeenGiven() {
        Story story = running();
        take(story, FIRST);
        story.ask(new DomainCommand.BeginUpdate(Story.id(1), 2));
        take(story, FIRST);
        assertEquals(
                Optional.of(FIRST),
                story.update(new DomainCommand.ShowUpdate(Story.id(1))).checkpoint());
    }

    /** A next attempt may have to begin at the beginning, where an example was deleted meanwhile. */
    @Test
    void takesAnEarlierStepUnderANewToken() {
        Story story = running();
        take(story, SECOND);
        story.ask(new DomainCommand.BeginUpdate(Story.id(1), 2));
        Checkpoint anew = new Checkpoint("anew", 5, 2);
        take(story, anew);
        assertEquals(
                Optional.of(anew),
                story.update(new DomainCommand.ShowUpdate(Story.id(1))).checkpoint());
        assertEquals(Set.of("second"), outdated(story));
    }

    @Test
    void outdatesTheCheckpointOfAnUpdateThatIsOver() {
        for (DomainCommand end : List.of(
                new DomainCommand.SubmitCandidate(Story.id(1), 1, Story.better("artifact")),
                new DomainCommand.SubmitCandidate(Story.id(1), 1, Story.forgetful("artifact")),
                new DomainCommand.CancelUpdate(Story.id(1), "not wanted"),
                new DomainCommand.FailUpdate(Story.id(1), 1, "no trainer survived"))) {
            Story story = running();
            take(story, FIRST);
            assertEquals(Optional.empty(), story.update(end).checkpoint(), end::toString);
            assertEquals(Set.of("first"), outdated(story), end::toString);
        }
    }

    private static Story running() {
        Story story = Story.created().withExamples(0, 1);
        story.ask(Story.request("key"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(1), 1));
        return story;
    }

    private static void take(Story story, Checkpoint checkpoint) {
        assertInstanceOf(DomainReply.Done.class, story.ask(new DomainCommand.TakeCheckpoint(Story.id(1), checkpoint)));
    }

    private static Set<String> outdated(Story story) {
        return story.state.orElseThrow().outdatedCheckpoints();
    }
}
