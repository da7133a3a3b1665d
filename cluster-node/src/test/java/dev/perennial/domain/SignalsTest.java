package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.RequestRule;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SignalsTest {
    private final Story story = Story.created();

    @Test
    void measuresASteadyRateFromTheFirstDayOn() {
        for (int hour = 0; hour < 24 * 20; hour++) {
            story.now = Story.START.plus(Duration.ofHours(hour));
            story.withExamples(hour, 1);
            if (hour == 30 || hour == 24 * 20 - 1) {
                assertEquals(24, signals().feedbackADay(), 1, "hour " + hour);
                assertEquals(24, signals().usualFeedbackADay(), 1, "hour " + hour);
            }
        }
    }

    @Test
    void seesABurstInTheDayBeforeTheWeek() {
        for (int day = 0; day < 14; day++) {
            story.now = Story.START.plus(Duration.ofDays(day));
            story.withExamples(10 * day, day == 13 ? 100 : 1);
        }
        assertTrue(signals().feedbackADay() > 4 * signals().usualFeedbackADay());
    }

    @Test
    void forgetsTheTrafficOfLongAgo() {
        story.now = Story.START.plus(Duration.ofDays(10));
        story.happened(new DomainEvent.CompletionsCounted(1_000, story.now));
        double then = signals().trafficADay();
        story.now = story.now.plus(Duration.ofDays(1));
        assertEquals(then / 2, signals().trafficADay(), 0.01 * then);
    }

    @Test
    void tellsWhenTheOldestThatWaitsCame() {
        story.withLiveVersion(0, 4);
        story.now = Story.START.plus(Duration.ofHours(5));
        story.withExamples(10, 2);
        story.now = Story.START.plus(Duration.ofHours(9));
        story.withExamples(20, 2);
        assertEquals(
                Optional.of(Story.START.plus(Duration.ofHours(5))), signals().oldest());
        assertEquals(
                1, story.state.orElseThrow().pulse().arrivals().headMap(5L).size(), "older arrivals are forgotten");
    }

    @Test
    void keepsOneArrivalAMinuteHoweverManyComeInIt() {
        for (int second = 0; second < 180; second++) {
            story.now = Story.START.plusSeconds(second);
            story.withExamples(second, 1);
        }
        Pulse pulse = story.state.orElseThrow().pulse();
        assertEquals(3, pulse.arrivals().size());
        for (int number = 1; number < 180; number++) {
            Instant arrival = pulse.arrivalOf(number).orElseThrow();
            long early =
                    Duration.between(arrival, Story.START.plusSeconds(number)).toSeconds();
            assertTrue(early >= 0 && early <= 60, number + " counts as come at " + arrival);
        }
        story.now = Story.START;
        story.withExamples(180, 1);
        assertEquals(
                Optional.of(Story.START),
                story.state.orElseThrow().pulse().arrivalOf(180),
                "a clock that was put back does not hold the next arrival back");
    }

    @Test
    void takesTheGapTheBaseAndTheRiskFromWhatUpdatesCameTo() {
        assertEquals(Optional.empty(), signals().gap());
        story.withLiveVersion(0, 4);
        assertEquals(1 - Math.exp(-2), signals().gap().orElseThrow(), 1e-12);
        assertEquals(Optional.of("base"), signals().base());
        assertEquals(0, signals().risk());
        story.ask(new DomainCommand.Rollback("there", 0, "worse"));
        assertEquals(Optional.empty(), signals().base(), "any base does for the first version");
        story.ask(new DomainCommand.Rollback("back", 1, "better"));
        story.withExamples(10, 4);
        story.ask(Story.request("again"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(2), 2));
        story.ask(new DomainCommand.SubmitCandidate(Story.id(2), 2, Story.forgetful("worse")));
        assertEquals(0.5, signals().risk());
    }

    @Test
    void plansStepsAndTokensByThePolicy() {
        story.withExamples(0, 100);
        // 100 examples of 10 characters, 3 tokens; batches of 48; 20 epochs.
        UpdateSignals signals = Signals.of(story.state.orElseThrow(), 100, story.now);
        assertEquals(60, signals.steps());
        assertEquals(6_000, signals.tokens());
    }

    @Test
    void isTheSameFromASnapshot() {
        story.withLiveVersion(0, 4).withExamples(10, 2);
        story.happened(new DomainEvent.CompletionsCounted(7, story.now));
        DomainState state = story.state.orElseThrow();
        assertEquals(state, DomainState.fromSnapshot(state.toSnapshot()));
    }

    @Test
    void makesAMergedRequestAsUrgentAsTheMoreUrgentOfBoth() {
        story.withExamples(0, 4);
        story.ask(Story.request("first"));
        story.now = story.now.plusSeconds(60);
        story.ask(Story.accept(10, 2, ExampleUse.TRAIN));
        Instant deadline = story.now.plusSeconds(600);
        story.ask(new DomainCommand.RequestUpdate(
                "second", UpdateKind.FIX, 0.25, Optional.of(deadline), Optional.of("lora")));
        UpdateRequest merged = story.state.orElseThrow().openRequests().get(0);
        assertEquals(UpdateKind.FIX, merged.kind());
        assertEquals(0.5, merged.importance());
        assertEquals(Optional.of(deadline), merged.deadline());
        assertEquals(6, merged.examples());
        assertEquals(Story.START, merged.requestedAt(), "it waits since the first");
        assertEquals(Optional.of("lora"), merged.method(), "the first that named one");

        DomainReply third = story.ask(new DomainCommand.RequestUpdate(
                "third", UpdateKind.FIX, 0.25, Optional.empty(), Optional.of("stacked")));
        assertEquals(
                Optional.of("lora"),
                story.state.orElseThrow().openRequests().get(0).method());
        assertTrue(third.toString().contains("is queued already and stays with its method, lora"), third::toString);
    }

    @Test
    void queuesRequestsOneBehindTheOtherByPolicy() {
        DomainPolicy standard = DomainPolicy.DEFAULT;
        Story queueing = Story.created(new DomainPolicy(
                standard.training(),
                new DomainPolicy.Gate(0, 0, 0.02, 0.02),
                standard.replay(),
                standard.ewc(),
                standard.method(),
                new DomainPolicy.Scheduling("acme", List.of("medicine"), RequestRule.QUEUE)));
        queueing.withExamples(0, 4);
        queueing.ask(Story.request("first"));
        assertEquals("examples", queueing.refused(Story.request("too-early")).param());
        queueing.withExamples(10, 3);
        assertEquals(Story.id(2), queueing.update(Story.request("second")).id());
        UpdateRequest second = queueing.state.orElseThrow().openRequests().get(1);
        assertEquals(3, second.examples());
        assertEquals("acme", second.tenant());
        assertEquals(List.of("medicine"), second.conflictGroups());
        assertEquals(
                4,
                queueing.assigned(new DomainCommand.BeginUpdate(Story.id(1), 1))
                        .train()
                        .size());
        queueing.ask(new DomainCommand.SubmitCandidate(Story.id(1), 1, Story.better("one")));
        assertEquals(
                3,
                queueing.assigned(new DomainCommand.BeginUpdate(Story.id(2), 2))
                        .train()
                        .size());
    }

    private UpdateSignals signals() {
        return Signals.of(story.state.orElseThrow(), story.state.orElseThrow().fresh(), story.now);
    }
}
