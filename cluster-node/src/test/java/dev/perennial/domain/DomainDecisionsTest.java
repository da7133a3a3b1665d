package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainView;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.VersionId;
import dev.perennial.protocols.VersionView;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DomainDecisionsTest {
    @Test
    void createsADomainThatTheBareBaseAnswersFor() {
        Story story = new Story();
        DomainReply reply = story.ask(new DomainCommand.Create(Story.NEWS, "What is new", DomainPolicy.DEFAULT));
        assertEquals(
                new DomainReply.DomainShown(new DomainView(
                        Story.NEWS,
                        "What is new",
                        new VersionId(Story.NEWS, 0),
                        new DomainView.Examples(0, 0, 0, 0, 0, 0, 0),
                        List.of(),
                        DomainPolicy.DEFAULT,
                        Story.START)),
                reply);
    }

    @Test
    void refusesToCreateADomainTwice() {
        Problem problem = Story.created().refused(new DomainCommand.Create(Story.NEWS, "", DomainPolicy.DEFAULT));
        assertEquals(Problem.Kind.CONFLICT, problem.kind());
        assertEquals("domain 'news' exists already", problem.message());
    }

    @Test
    void refusesToCreateADomainUnderAnotherName() {
        Problem problem = new Story().refused(new DomainCommand.Create(new DomainId("law"), "", DomainPolicy.DEFAULT));
        assertEquals(Problem.Kind.INVALID, problem.kind());
    }

    @Test
    void namesTheDomainThatDoesNotExist() {
        for (DomainCommand command : List.of(
                new DomainCommand.ShowDomain(),
                new DomainCommand.ShowVersions(),
                new DomainCommand.ShowUpdate(Story.id(1)),
                Story.accept(0, 1, ExampleUse.TRAIN),
                Story.request("key"))) {
            Problem problem = new Story().refused(command);
            assertEquals(Problem.Kind.NOT_FOUND, problem.kind());
            assertTrue(problem.message().contains("'news'"), problem.message());
        }
    }

    @Test
    void countsRepeatedExamplesAsDuplicates() {
        Story story = Story.created().withExamples(0, 2);
        ExampleRef known = new ExampleRef("e1", 10, ExampleUse.TRAIN, true);
        ExampleRef fresh = new ExampleRef("e2", 10, ExampleUse.TRAIN, true);
        assertEquals(
                new DomainReply.ExamplesCounted(1, 2, List.of()),
                story.ask(new DomainCommand.AcceptExamples(List.of(known, fresh, fresh))));
        assertEquals(
                new DomainEvent.ExamplesAccepted(List.of(fresh), Story.START),
                story.journal.get(story.journal.size() - 1));
    }

    @Test
    void journalsNothingWhereAllExamplesAreKnown() {
        Story story = Story.created().withExamples(0, 2);
        int before = story.journal.size();
        assertEquals(
                new DomainReply.ExamplesCounted(0, 2, List.of()), story.ask(Story.accept(0, 2, ExampleUse.EVALUATE)));
        assertEquals(before, story.journal.size());
    }

    @Test
    void knowsAnExampleStillAfterItWasLearned() {
        Story story = Story.created().withLiveVersion(0, 3);
        assertEquals(new DomainReply.ExamplesCounted(0, 3, List.of()), story.ask(Story.accept(0, 3, ExampleUse.TRAIN)));
    }

    @Test
    void putsEvaluationExamplesIntoTheRetainedSuite() {
        Story story = Story.created();
        story.ask(Story.accept(0, 4, ExampleUse.EVALUATE));
        assertEquals(
                new DomainView.Examples(4, 0, 0, 4, 0, 0, 0), story.domain().examples());
    }

    @Test
    void refusesMoreExamplesThanADomainHolds() {
        Story story = Story.created();
        for (int from = 0; from < ExampleDecisions.MOST_EXAMPLES; from += ExampleDecisions.MOST_EXAMPLES_A_COMMAND) {
            story.withExamples(from, ExampleDecisions.MOST_EXAMPLES_A_COMMAND);
        }
        Problem problem = story.refused(Story.accept(ExampleDecisions.MOST_EXAMPLES, 1, ExampleUse.TRAIN));
        assertEquals(
                "a domain holds at most 1000000 examples; 'news' holds 1000000 and got 1 new ones", problem.message());
    }

    @Test
    void refusesMoreExamplesThanACommandBrings() {
        Problem problem = Story.created()
                .refused(Story.accept(0, ExampleDecisions.MOST_EXAMPLES_A_COMMAND + 1, ExampleUse.TRAIN));
        assertEquals("one command is about at most 10000 examples; got 10001", problem.message());
    }

    @Test
    void rollsBackToAnAcceptedVersionOnce() {
        Story story = Story.created().withLiveVersion(0, 1).withLiveVersion(10, 1);
        DomainCommand rollback = new DomainCommand.Rollback("key", 1, "users complain");
        assertEquals(new DomainReply.Done(), story.ask(rollback));
        assertEquals(new VersionId(Story.NEWS, 1), story.domain().liveVersion());
        story.withLiveVersion(20, 1);
        int before = story.journal.size();
        assertEquals(new DomainReply.Done(), story.ask(rollback));
        assertEquals(before, story.journal.size());
        assertEquals(new VersionId(Story.NEWS, 3), story.domain().liveVersion());
    }

    @Test
    void rollsBackToTheBareBase() {
        Story story = Story.created().withLiveVersion(0, 1);
        story.ask(new DomainCommand.Rollback("key", 0, "start again"));
        assertEquals(
                new DomainReply.Resolved(new VersionId(Story.NEWS, 0), Optional.empty()),
                story.ask(new DomainCommand.ResolveVersion(Optional.empty(), false)));
    }

    @Test
    void doesNothingToRollBackToWhatIsLive() {
        Story story = Story.created().withLiveVersion(0, 1);
        int before = story.journal.size();
        assertEquals(new DomainReply.Done(), story.ask(new DomainCommand.Rollback("key", 1, "")));
        assertEquals(before, story.journal.size());
    }

    @Test
    void rejectsRollbackToUnknownVersion() {
        Problem problem = Story.created().withLiveVersion(0, 1).refused(new DomainCommand.Rollback("key", 7, ""));
        assertEquals(Problem.Kind.NOT_FOUND, problem.kind());
        assertEquals("there is no version news@7; the versions of 'news' are 0 to 1", problem.message());
    }

    @Test
    void rejectsRollbackToARejectedVersion() {
        Problem problem = withRejectedVersion().refused(new DomainCommand.Rollback("key", 1, ""));
        assertEquals(Problem.Kind.CONFLICT, problem.kind());
        assertEquals("version news@1 was rejected by its gate and cannot answer", problem.message());
    }

    @Test
    void resolvesTheLiveVersionAndAnyAcceptedOne() {
        Story story = Story.created().withLiveVersion(0, 1).withLiveVersion(10, 1);
        assertEquals(
                new DomainReply.Resolved(new VersionId(Story.NEWS, 2), Optional.of("artifact-2")),
                story.ask(new DomainCommand.ResolveVersion(Optional.empty(), false)));
        assertEquals(
                new DomainReply.Resolved(new VersionId(Story.NEWS, 1), Optional.of("artifact-1")),
                story.ask(new DomainCommand.ResolveVersion(Optional.of(1), false)));
        assertEquals(
                Problem.Kind.NOT_FOUND,
                story.refused(new DomainCommand.ResolveVersion(Optional.of(3), false))
                        .kind());
        assertEquals(
                Problem.Kind.NOT_FOUND,
                story.refused(new DomainCommand.ResolveVersion(Optional.of(-1), false))
                        .kind());
    }

    @Test
    void refusesACommandOfANewerBuildForTheTimeBeing() {
        Problem problem = Story.created().refused(new DomainCommand.Unknown("describe"));
        assertEquals(Problem.Kind.UNAVAILABLE, problem.kind());
        assertEquals(
                "the node that holds domain 'news' runs an older build, which does not know the command 'describe';"
                        + " ask again when every node has been renewed",
                problem.message());
    }

    @Test
    void neverResolvesARejectedVersion() {
        assertEquals(
                Problem.Kind.CONFLICT,
                withRejectedVersion()
                        .refused(new DomainCommand.ResolveVersion(Optional.of(1), false))
                        .kind());
    }

    @Test
    void showsVersionsWithTheirVerdicts() {
        Story story = withRejectedVersion();
        story.ask(Story.request("again"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(2), 2));
        story.ask(new DomainCommand.SubmitCandidate(Story.id(2), 2, Story.better("good")));
        List<VersionView> versions =
                ((DomainReply.VersionsShown) story.ask(new DomainCommand.ShowVersions())).versions();
        assertEquals(
                List.of(false, true), versions.stream().map(VersionView::live).toList());
        assertEquals(
                List.of(VersionView.Status.REJECTED, VersionView.Status.ACCEPTED),
                versions.stream().map(VersionView::status).toList());
    }

    private static Story withRejectedVersion() {
        Story story = Story.created().withExamples(0, 1);
        story.ask(Story.request("key"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(1), 1));
        story.ask(new DomainCommand.SubmitCandidate(Story.id(1), 1, Story.forgetful("bad")));
        return story;
    }
}
