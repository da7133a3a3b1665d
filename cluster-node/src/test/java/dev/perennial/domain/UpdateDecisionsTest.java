package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainView;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Manifest;
import dev.perennial.protocols.Measurement;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import dev.perennial.protocols.Score;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateState;
import dev.perennial.protocols.UpdateView;
import dev.perennial.protocols.VersionId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UpdateDecisionsTest {
    private static final DomainCommand.CancelUpdate CANCEL = new DomainCommand.CancelUpdate(Story.id(1), "not wanted");

    @Test
    void queuesARequestAndExplainsItsPriority() {
        UpdateView update = Story.created().withExamples(0, 9).update(Story.request("key"));
        assertEquals(Story.id(1), update.id());
        assertEquals(UpdateState.QUEUED, update.state());
        assertEquals(
                "priority importance 2.00 + kind 0.50 + volume 0.25 + trend 0.01 + impact 0.00 + cost 0.00 + risk 0.00"
                        + " + staleness 0.00 + deadline 0.00 + tenant 0.00 + waiting 0.00 = 2.76",
                update.explanation());
    }

    @Test
    void givesTheSameKeyTheSameUpdate() {
        Story story = Story.created().withExamples(0, 1);
        UpdateView first = story.update(Story.request("key"));
        int before = story.journal.size();
        assertEquals(first, story.update(Story.request("key")));
        assertEquals(before, story.journal.size());
    }

    /** An update without EWC leaves nothing; what mattered before it matters still. */
    @Test
    void anUpdateHasTheFisherOfTheNearestAncestorThatHasOne() {
        Story story = Story.created().withExamples(0, 1);
        assertEquals(Optional.empty(), trained(story, 1, Optional.of("fisher-1")));
        story.withExamples(1, 1);
        assertEquals(Optional.of("fisher-1"), trained(story, 2, Optional.empty()));
        story.withExamples(2, 1);
        assertEquals(Optional.of("fisher-1"), trained(story, 3, Optional.of("fisher-3")));
        story.withExamples(3, 1);
        assertEquals(Optional.of("fisher-3"), trained(story, 4, "joint", Optional.empty()));
        story.withExamples(4, 1);
        assertEquals(Optional.empty(), trained(story, 5, Optional.empty()), "a fresh adapter was begun");
    }

    @Test
    void aMethodWithoutEwcIsGivenNoFisher() {
        Story story = Story.created().withExamples(0, 1);
        trained(story, 1, Optional.of("fisher-1"));
        story.withExamples(1, 1);
        story.update(new DomainCommand.RequestUpdate(
                "plain", UpdateKind.KNOWLEDGE, 0.5, Optional.empty(), Optional.of("lora")));
        UpdateAssignment plain =
                ((DomainReply.Assigned) story.ask(new DomainCommand.BeginUpdate(Story.id(2), 2))).assignment();
        assertEquals(Optional.empty(), plain.parentFisher());
    }

    private static Optional<String> trained(Story story, int number, Optional<String> fisher) {
        return trained(story, number, "lora+ewc", fisher);
    }

    /** Runs the next update, which leaves a Fisher or none, and answers what it was given. */
    private static Optional<String> trained(Story story, int number, String method, Optional<String> fisher) {
        story.update(Story.request("key-" + number));
        UpdateAssignment assignment = ((DomainReply.Assigned)
                        story.ask(new DomainCommand.BeginUpdate(Story.id(number), number)))
                .assignment();
        Candidate better = Story.better("artifact-" + number);
        Manifest manifest = new Manifest(
                "base", "data", method, 1, DomainPolicy.Training.DEFAULT, Map.of("new", 4), 10, 100, 0.5, 1);
        story.ask(new DomainCommand.SubmitCandidate(
                Story.id(number),
                number,
                new Candidate(
                        better.artifact(), manifest, better.evaluation(), List.of(), fisher, List.of(), List.of())));
        return assignment.parentFisher();
    }

    @Test
    void refusesARequestWithNothingNewToLearn() {
        Story story = Story.created();
        story.ask(Story.accept(0, 5, ExampleUse.EVALUATE));
        Problem problem = story.refused(Story.request("key"));
        assertEquals(Problem.Kind.CONFLICT, problem.kind());
        assertEquals(
                "an update needs at least 1 example of use train that no update has taken yet, and domain 'news' has 0"
                        + " of them; retained and evaluate examples do not count",
                problem.message());
    }

    @Test
    void refusesAnUnknownMethodNamingTheKnownOnes() {
        Problem problem = Story.created()
                .withExamples(0, 1)
                .refused(new DomainCommand.RequestUpdate(
                        "key", UpdateKind.FIX, 0.5, Optional.empty(), Optional.of("magic")));
        assertEquals("method", problem.param());
        assertTrue(problem.message().startsWith("method is one of lora, stacked, "), problem.message());
    }

    @Test
    void refusesADeadlineInThePastAndAnImportanceOutOfRange() {
        Story story = Story.created().withExamples(0, 1);
        Instant past = Story.START.minusSeconds(1);
        assertEquals(
                "deadline",
                story.refused(new DomainCommand.RequestUpdate(
                                "key", UpdateKind.FIX, 0.5, Optional.of(past), Optional.empty()))
                        .param());
        for (double importance : new double[] {-0.1, 1.1, Double.NaN}) {
            assertEquals(
                    "importance",
                    story.refused(new DomainCommand.RequestUpdate(
                                    "key", UpdateKind.FIX, importance, Optional.empty(), Optional.empty()))
                            .param());
        }
    }

    @Test
    void mergesARequestIntoTheOneThatIsQueued() {
        Story story = Story.created().withExamples(0, 1);
        story.ask(Story.request("first"));
        UpdateView merged = story.update(Story.request("second"));
        assertEquals(Story.id(1), merged.id());
        assertTrue(merged.explanation().endsWith("; this request is merged into news-u1, which is queued already"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(1), 1));
        assertEquals(Story.id(1), story.update(Story.request("second")).id());
    }

    @Test
    void queuesANewUpdateWhileOneIsRunningIfExamplesAreLeft() {
        Story story = running(1);
        assertEquals(
                Problem.Kind.CONFLICT, story.refused(Story.request("second")).kind());
        story.withExamples(100, 2);
        UpdateView second = story.update(Story.request("second"));
        assertEquals(Story.id(2), second.id());
        assertEquals(List.of(Story.id(1), Story.id(2)), story.domain().openUpdates());
        Problem problem = story.refused(new DomainCommand.BeginUpdate(Story.id(2), 2));
        assertTrue(problem.message().contains("until news-u1 is over"), problem.message());
    }

    @Test
    void assignsAllWaitingExamplesInTheOrderOfTheirAcceptance() {
        Story story = Story.created().withExamples(0, 3);
        story.ask(Story.accept(50, 2, ExampleUse.EVALUATE));
        story.ask(Story.request("key"));
        UpdateAssignment assignment = story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 4));
        assertEquals(List.of("e0", "e1", "e2"), assignment.train());
        assertEquals(List.of(), assignment.heldOut());
        assertEquals(List.of("e50", "e51"), assignment.retained());
        assertEquals(new VersionId(Story.NEWS, 0), assignment.parent());
        assertEquals(4, assignment.token());
    }

    @Test
    void assignsAtMostTenThousandExamples() {
        Story story = Story.created()
                .withExamples(0, UpdateDecisions.MOST_EXAMPLES_AN_UPDATE)
                .withExamples(UpdateDecisions.MOST_EXAMPLES_AN_UPDATE, 1);
        story.ask(Story.request("key"));
        assertEquals(
                UpdateDecisions.MOST_EXAMPLES_AN_UPDATE,
                story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1))
                        .train()
                        .size());
        assertEquals(1, story.state.orElseThrow().fresh());
    }

    @Test
    void answersTheSameTokenWithTheSameAssignment() {
        Story story = Story.created().withExamples(0, 3);
        story.ask(Story.request("key"));
        UpdateAssignment first = story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1));
        story.withExamples(100, 5);
        story.ask(Story.accept(200, 5, ExampleUse.EVALUATE));
        int before = story.journal.size();
        assertEquals(first, story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1)));
        assertEquals(before, story.journal.size());
    }

    @Test
    void runsEveryAttemptOnTheSameExamplesAndSeed() {
        Story story = Story.created(0.3).withExamples(0, 20);
        story.ask(Story.request("key"));
        UpdateAssignment first = story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1));
        story.withExamples(100, 5);
        UpdateAssignment second = story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 8));
        assertEquals(first.seed(), second.seed());
        assertEquals(first.train(), second.train());
        assertEquals(first.heldOut(), second.heldOut());
        assertEquals(2, show(story, 1).attempts());
    }

    @Test
    void refusesToBeginUnderAnOlderToken() {
        Problem problem = running(5).refused(new DomainCommand.BeginUpdate(Story.id(1), 4));
        assertEquals("the latest token of update news-u1 is 5; got 4", problem.message());
    }

    @Test
    void promotesAPassingCandidateInOneStep() {
        Story story = running(1);
        int before = story.journal.size();
        UpdateView update = submit(story, 1, Story.better("artifact"));
        assertEquals(UpdateState.LIVE, update.state());
        assertEquals(Optional.of(new VersionId(Story.NEWS, 1)), update.version());
        assertTrue(update.gate().orElseThrow().passed());
        assertEquals(
                List.of(
                        DomainEvent.CandidateTrained.class,
                        DomainEvent.CandidateEvaluated.class,
                        DomainEvent.VersionPromoted.class),
                story.journal.subList(before, story.journal.size()).stream()
                        .map(Object::getClass)
                        .toList());
        assertEquals(
                new DomainView.Examples(4, 0, 3, 0, 0, 0, 0), story.domain().examples());
        assertEquals(
                List.of(UpdateState.QUEUED, UpdateState.RUNNING, UpdateState.LIVE),
                update.history().stream().map(UpdateView.Step::state).toList());
    }

    @Test
    void journalsWhatWasMeasuredOfTheExamplesThatWereLearned() {
        Story story = running(1);
        Measurement first = measurement("e0", 5, 0);
        Measurement last = measurement("e3", 7, 1);
        submit(story, 1, measured("artifact", first, measurement("e0", 6, 2), measurement("replayed", 8, 3), last));
        DomainEvent promoted = story.journal.get(story.journal.size() - 1);
        assertEquals(
                new DomainEvent.VersionPromoted(
                        Story.id(1), new VersionId(Story.NEWS, 1), List.of(first, last), story.now),
                promoted);
    }

    @Test
    void theBufferChoosesByWhatWasMeasured() {
        DomainPolicy.Replay herding = new DomainPolicy.Replay(
                3, 0.25, 0.25, 2.0, ReplayStrategy.HERDING, ReplaySampling.PROPORTIONAL, Optional.of(20));
        Story story = Story.created(Story.policy(0, herding)).withExamples(0, 4);
        story.ask(Story.request("key"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(1), 1));
        Candidate candidate = measured(
                "artifact",
                measurement("e0", 9, 2),
                measurement("e1", 9, 0),
                measurement("e2", 9, 3),
                measurement("e3", 9, 1));
        submit(story, 1, candidate);
        ReplayBuffer buffer = story.state.orElseThrow().examples().replay();
        assertEquals(Set.of("e1", "e3"), Set.copyOf(buffer.ids()), "3 examples and 20 tokens, of 9 each");
    }

    private static Candidate measured(String artifact, Measurement... measurements) {
        Candidate better = Story.better(artifact);
        return new Candidate(
                better.artifact(), better.manifest(), better.evaluation(), List.of(measurements), List.of());
    }

    private static Measurement measurement(String id, int tokens, int herdingRank) {
        return new Measurement(id, tokens, Optional.of(0.5), Optional.of(herdingRank));
    }

    @Test
    void keepsTheExamplesOfARejectedUpdateForTheNext() {
        Story story = running(1);
        UpdateView update = submit(story, 1, Story.forgetful("artifact"));
        assertEquals(UpdateState.REJECTED, update.state());
        assertEquals(
                Optional.of("Retained: accuracy on 8 examples went from 50.0 % to 25.0 %; a loss of 25.0 points is more"
                        + " than the tolerated 2.0."),
                update.reason());
        assertEquals(new VersionId(Story.NEWS, 0), story.domain().liveVersion());
        story.ask(Story.request("again"));
        assertEquals(
                4,
                story.assigned(new DomainCommand.BeginUpdate(Story.id(2), 2))
                        .train()
                        .size());
    }

    @Test
    void movesHeldOutExamplesIntoTheRetainedSuite() {
        Story story = Story.created(0.3).withExamples(0, 20);
        story.ask(Story.request("key"));
        UpdateAssignment assignment = story.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1));
        int heldOut = assignment.heldOut().size();
        assertTrue(heldOut > 0);
        submit(story, 1, Story.better("artifact"));
        assertEquals(
                new DomainView.Examples(20, 0, 3, heldOut, 0, 0, 0),
                story.domain().examples());
        assertEquals(
                assignment.heldOut(),
                story.state.orElseThrow().examples().retained().ids());
    }

    @Test
    void refusesACandidateWhoseSuitesWereNotMeasured() {
        Story story = Story.created(0.3).withExamples(0, 20);
        story.ask(Story.request("key"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(1), 1));
        Score empty = Score.EMPTY;
        Candidate unmeasured = new Candidate(
                "artifact",
                Story.better("artifact").manifest(),
                new Evaluation(empty, empty, empty, empty, empty, empty));
        assertEquals(
                "candidate.evaluation.newAfter",
                story.refused(new DomainCommand.SubmitCandidate(Story.id(1), 1, unmeasured))
                        .param());
    }

    @Test
    void answersARepeatedCandidateAsTheFirstTime() {
        Story story = running(1);
        UpdateView first = submit(story, 1, Story.better("artifact"));
        int before = story.journal.size();
        assertEquals(first, submit(story, 1, Story.better("artifact")));
        assertEquals(before, story.journal.size());
        Problem other = story.refused(new DomainCommand.SubmitCandidate(Story.id(1), 1, Story.better("another")));
        assertEquals("update news-u1 is not running but live", other.message());
    }

    @Test
    void refusesACandidateUnderAnOldToken() {
        Story story = running(1);
        story.ask(new DomainCommand.BeginUpdate(Story.id(1), 2));
        Problem problem = story.refused(new DomainCommand.SubmitCandidate(Story.id(1), 1, Story.better("artifact")));
        assertEquals("token", problem.param());
    }

    @Test
    void rejectsACandidateWhoseParentIsNoLongerLive() {
        Story story = Story.created().withLiveVersion(0, 1).withExamples(10, 1);
        story.ask(Story.request("key"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(2), 2));
        story.ask(new DomainCommand.Rollback("rollback", 0, ""));
        UpdateView update = story.update(new DomainCommand.SubmitCandidate(Story.id(2), 2, Story.better("artifact")));
        assertEquals(UpdateState.REJECTED, update.state());
        assertTrue(update.reason().orElseThrow().contains("changed from news@1 to news@0"));
        assertTrue(update.gate().orElseThrow().passed());
    }

    @Test
    void cancelsOnceAndAnswersTheSameAgain() {
        Story story = running(1);
        UpdateView first = story.update(CANCEL);
        assertEquals(UpdateState.CANCELLED, first.state());
        assertEquals(Optional.of("not wanted"), first.reason());
        int before = story.journal.size();
        assertEquals(first, story.update(CANCEL));
        assertEquals(before, story.journal.size());
        assertEquals(
                "update news-u1 is not running but cancelled",
                story.refused(new DomainCommand.SubmitCandidate(Story.id(1), 1, Story.better("artifact")))
                        .message());
    }

    @Test
    void refusesToCancelAnUpdateThatIsLiveNamingItsState() {
        Story story = running(1);
        submit(story, 1, Story.better("artifact"));
        Problem problem = story.refused(CANCEL);
        assertEquals(Problem.Kind.CONFLICT, problem.kind());
        assertEquals("update news-u1 is live already", problem.message());
    }

    @Test
    void failsAnUpdateOnceAndNeverANewerAttempt() {
        Story story = running(3);
        assertEquals(
                "token",
                story.refused(new DomainCommand.FailUpdate(Story.id(1), 2, "old"))
                        .param());
        UpdateView failed = story.update(new DomainCommand.FailUpdate(Story.id(1), 3, "out of memory"));
        assertEquals(UpdateState.FAILED, failed.state());
        assertEquals(failed, story.update(new DomainCommand.FailUpdate(Story.id(1), 3, "out of memory")));
        assertEquals(0, story.state.orElseThrow().fresh());
        assertEquals(4, story.domain().examples().heldBack());
    }

    @Test
    void failsAnUpdateThatWasNeverBegun() {
        Story story = Story.created().withExamples(0, 1);
        story.ask(Story.request("key"));
        assertEquals(
                UpdateState.FAILED,
                story.update(new DomainCommand.FailUpdate(Story.id(1), 1, "x".repeat(5_000)))
                        .state());
        assertEquals(2_000, show(story, 1).reason().orElseThrow().length());
    }

    @Test
    void takesProgressUnderTheLatestTokenOnlyAndJournalsNone() {
        Story story = running(2);
        Progress progress = new Progress("training", 1, 10, 0.5, 100, 9);
        int before = story.journal.size();
        assertEquals(new DomainReply.Done(), story.ask(new DomainCommand.ReportProgress(Story.id(1), 2, progress)));
        assertEquals(before, story.journal.size());
        assertEquals(
                "token",
                story.refused(new DomainCommand.ReportProgress(Story.id(1), 1, progress))
                        .param());
    }

    @Test
    void namesTheUpdateThatDoesNotExist() {
        Problem problem = Story.created().refused(new DomainCommand.ShowUpdate(Story.id(3)));
        assertEquals(Problem.Kind.NOT_FOUND, problem.kind());
        assertEquals("there is no update news-u3; domain 'news' has had 0", problem.message());
    }

    @Test
    void listsTheUpdatesThatClosedLately() {
        Story story = running(1);
        story.now = Story.START.plus(Duration.ofHours(2));
        story.ask(CANCEL);
        DomainState state = story.state.orElseThrow();
        assertEquals(List.of(Story.id(1)), state.closedSince(story.now));
        assertEquals(List.of(), state.closedSince(story.now.plusSeconds(1)));
    }

    @Test
    void givesEachUpdateOfADomainItsOwnSeed() {
        List<Long> seeds = new ArrayList<>();
        Story story = Story.created();
        for (int number = 1; number <= 3; number++) {
            story.withLiveVersion(10 * number, 1);
        }
        for (DomainEvent event : story.journal) {
            if (event instanceof DomainEvent.UpdateStarted started) {
                assertFalse(seeds.contains(started.seed()));
                assertTrue(started.seed() >= 0 && started.seed() < 1L << 53);
                seeds.add(started.seed());
            }
        }
        assertEquals(3, seeds.size());
    }

    /** Update 1 runs under the token, on four examples. */
    private static Story running(long token) {
        Story story = Story.created().withExamples(0, 4);
        story.ask(Story.request("first"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(1), token));
        return story;
    }

    private static UpdateView submit(Story story, long token, Candidate candidate) {
        return story.update(new DomainCommand.SubmitCandidate(Story.id(1), token, candidate));
    }

    private static UpdateView show(Story story, int number) {
        return story.update(new DomainCommand.ShowUpdate(Story.id(number)));
    }
}
