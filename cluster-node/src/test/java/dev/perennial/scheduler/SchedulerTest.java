package dev.perennial.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.ManualClock;
import dev.perennial.TestConfig;
import dev.perennial.domain.SchedulerSettings;
import dev.perennial.domain.SchedulerState;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.TrainerCapabilities;
import dev.perennial.protocols.TrainerCommand;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateState;
import dev.perennial.protocols.UpdateView;
import dev.perennial.protocols.VersionId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.testkit.javadsl.EventSourcedBehaviorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private static final DomainId NEWS = new DomainId("news");
    private static final UpdateId UPDATE = new UpdateId(NEWS, 1);
    private static final Lease FIRST = new Lease(UPDATE, 1);
    private static final TrainerCapabilities ABLE =
            new TrainerCapabilities("cpu", 1 << 30, List.of("b0"), List.of(new VersionId(NEWS, 1)));
    private static final Duration HEARTBEAT = Duration.ofSeconds(2);

    private final ActorTestKit kit = ActorTestKit.create(TestConfig.create());
    private final ManualClock clock = new ManualClock(ManualTime.get(kit.system()));
    private final TestProbe<DomainEnvelope> domain = kit.createTestProbe(DomainEnvelope.class);
    private final ActorRef<DomainEnvelope> answering = kit.spawn(Behaviors.receiveMessage(this::answer));
    private final TestProbe<TrainerCommand> trainer = kit.createTestProbe(TrainerCommand.class);
    private final TestProbe<TrainerCommand> other = kit.createTestProbe(TrainerCommand.class);
    private final Deque<CompletionStage<List<DomainId>>> known = new ArrayDeque<>();
    private volatile UpdateState shown = UpdateState.RUNNING;
    private volatile Runnable nodeLost = () -> {};
    private volatile boolean deaf;
    private final EventSourcedBehaviorTestKit<SchedulerCommand, SchedulerEvent, SchedulerState> scheduler =
            EventSourcedBehaviorTestKit.create(
                    kit.system(),
                    Scheduler.create(
                            SchedulerSettings.DEFAULT,
                            id -> answering,
                            this::domains,
                            lost -> nodeLost = lost,
                            clock,
                            clock::nanos),
                    EventSourcedBehaviorTestKit.enabledSerializationSettings()
                            .withVerifyEquality(true)
                            .withVerifyState(false));

    /** Shows the update as a domain would; everything else is for the test to see. */
    private Behavior<DomainEnvelope> answer(DomainEnvelope envelope) {
        if (deaf) {
            return Behaviors.same();
        }
        if (envelope.command() instanceof DomainCommand.ShowUpdate) {
            envelope.replyTo().tell(update(shown));
        } else {
            domain.ref().tell(envelope);
        }
        return Behaviors.same();
    }

    private CompletionStage<List<DomainId>> domains() {
        return known.isEmpty() ? CompletableFuture.completedFuture(List.of()) : known.remove();
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void acknowledgesARequestEveryTimeAndQueuesItOnce() {
        assertEquals(new SchedulerCommand.Acknowledged(UPDATE), enqueue(UPDATE));
        assertEquals(new SchedulerCommand.Acknowledged(UPDATE), enqueue(UPDATE));
        assertEquals(1, scheduler.getState().entries().size());
    }

    @Test
    void givesAWaitingTrainerTheRequestAsItComes() {
        heartbeat(Optional.empty());
        trainer.expectNoMessage();
        enqueue(UPDATE);
        trainer.expectMessage(new TrainerCommand.Train(FIRST));
    }

    @Test
    void givesAWaitingRequestToTheTrainerAsItComes() {
        enqueue(UPDATE);
        heartbeat(Optional.empty());
        trainer.expectMessage(new TrainerCommand.Train(FIRST));
    }

    @Test
    void givesNothingToATrainerThatMissesHeartbeats() {
        heartbeat(Optional.empty());
        clock.pass(Duration.ofSeconds(5));
        enqueue(UPDATE);
        trainer.expectNoMessage();
        heartbeat(Optional.empty());
        trainer.expectMessage(new TrainerCommand.Train(FIRST));
    }

    @Test
    void tellsATrainerAgainUntilItShowsItsLease() {
        lease();
        heartbeat(Optional.empty());
        trainer.expectMessage(new TrainerCommand.Train(FIRST));
        heartbeat(Optional.of(FIRST));
        trainer.expectNoMessage();
    }

    @Test
    void keepsALeaseAsLongAsItsTrainerIsHeard() {
        lease();
        for (int i = 0; i < 20; i++) {
            heartbeat(Optional.of(FIRST));
            clock.pass(HEARTBEAT);
        }
        assertEquals(Optional.of(FIRST), scheduler.getState().leaseOf("a"));
        trainer.expectNoMessage();
    }

    @Test
    void takesTheLeaseOfASilentTrainerAndGivesAnotherALargerToken() {
        lease();
        heartbeat(Optional.of(FIRST));
        clock.pass(Duration.ofSeconds(11));
        assertEquals(Optional.empty(), scheduler.getState().leaseOf("a"));
        clock.pass(Duration.ofSeconds(5));
        scheduler.runCommand(new SchedulerCommand.TrainerAlive("b", Optional.empty(), other.ref()));
        other.expectMessage(new TrainerCommand.Train(new Lease(UPDATE, 2)));

        heartbeat(Optional.of(FIRST));
        trainer.expectMessage(new TrainerCommand.Stop(FIRST, "the lease is over"));
    }

    @Test
    void countsAnAttemptWhereATrainerComesBackWithoutItsLease() {
        lease();
        heartbeat(Optional.of(FIRST));
        heartbeat(Optional.empty());
        trainer.expectMessage(new TrainerCommand.Stop(FIRST, "trainer a: restarted and lost its lease"));
        assertEquals(
                List.of("trainer a: restarted and lost its lease"),
                scheduler.getState().find(UPDATE).orElseThrow().ends());
    }

    @Test
    void letsAnotherGoOnAtOnceWhereATrainerDrains() {
        lease();
        heartbeat(Optional.of(FIRST));
        scheduler.runCommand(new SchedulerCommand.TrainerAlive("b", Optional.empty(), other.ref()));
        drain(Optional.of(FIRST));
        assertEquals(new SchedulerCommand.Acknowledged(UPDATE), giveBack());
        other.expectMessage(new TrainerCommand.Train(new Lease(UPDATE, 2)));
        assertEquals(List.of(), scheduler.getState().find(UPDATE).orElseThrow().ends());
        assertEquals(new SchedulerCommand.Acknowledged(UPDATE), giveBack(), "one that is not held is acknowledged too");
        assertEquals(Optional.of(new Lease(UPDATE, 2)), scheduler.getState().leaseOf("b"));
    }

    @Test
    void givesNothingToATrainerThatDrains() {
        drain(Optional.empty());
        enqueue(UPDATE);
        trainer.expectNoMessage();
        heartbeat(Optional.empty());
        trainer.expectMessage(new TrainerCommand.Train(FIRST));
    }

    /** Its grant and its draining crossed each other. */
    @Test
    void takesALeaseBackThatATrainerDrainsWithoutHavingTakenAndCountsNoAttempt() {
        lease();
        drain(Optional.empty());
        assertEquals(Optional.empty(), scheduler.getState().leaseOf("a"));
        assertEquals(List.of(), scheduler.getState().find(UPDATE).orElseThrow().ends());
        trainer.expectNoMessage();
    }

    /** As its domain tells of the candidate before the trainer can tell of its lease. */
    @Test
    void learnsTheCostOfAnUpdateWhoseEndItsDomainTellsFirst() {
        lease();
        clock.pass(Duration.ofSeconds(4));
        scheduler.<SchedulerCommand.Acknowledged>runCommand(
                replyTo -> new SchedulerCommand.Withdraw(UPDATE, "news v2 went live", true, replyTo));
        scheduler.runCommand(new SchedulerCommand.LeaseFinished("a", FIRST, Optional.empty()));
        enqueue(new UpdateId(NEWS, 2));
        assertEquals(
                4,
                scheduler.getState().find(new UpdateId(NEWS, 2)).orElseThrow().predicted(),
                0.5);
    }

    @Test
    void letsATrainerRestTwiceAsLongWithEachUpdateThatFailsThere() {
        lease();
        UpdateId next = new UpdateId(new DomainId("next"), 1);
        enqueue(next);
        scheduler.runCommand(new SchedulerCommand.LeaseFinished("a", FIRST, Optional.of("disk full")));
        trainer.expectMessage(new TrainerCommand.Stop(FIRST, "trainer a: disk full"));
        heartbeat(Optional.empty());
        trainer.expectNoMessage();
        clock.pass(SchedulerSettings.DEFAULT.backoff());
        heartbeat(Optional.empty());
        Lease second = scheduler.getState().leaseOf("a").orElseThrow();
        trainer.expectMessage(new TrainerCommand.Train(second));
        scheduler.runCommand(new SchedulerCommand.LeaseFinished("a", second, Optional.of("disk full")));
        trainer.expectMessage(new TrainerCommand.Stop(second, "trainer a: disk full"));
        clock.pass(SchedulerSettings.DEFAULT.backoff());
        heartbeat(Optional.empty());
        trainer.expectNoMessage();
        clock.pass(SchedulerSettings.DEFAULT.backoff());
        heartbeat(Optional.empty());
        assertTrue(scheduler.getState().leaseOf("a").isPresent());
    }

    @Test
    void showsWhatTrainersSayOfThemselves() {
        drain(Optional.empty());
        QueueView view = queue();
        assertTrue(view.trainers().get(0).draining());
        assertEquals(Optional.of(ABLE), view.trainers().get(0).capabilities());
    }

    private void drain(Optional<Lease> lease) {
        scheduler.runCommand(new SchedulerCommand.TrainerAlive("a", lease, Optional.of(ABLE), true, trainer.ref()));
    }

    private SchedulerCommand.Acknowledged giveBack() {
        return scheduler
                .<SchedulerCommand.Acknowledged>runCommand(
                        replyTo -> new SchedulerCommand.ReturnLease("a", FIRST, "this trainer stops", replyTo))
                .reply();
    }

    @Test
    void removesAFinishedUpdateAndGoesOnWithTheNext() {
        lease();
        UpdateId next = new UpdateId(NEWS, 2);
        enqueue(next);
        scheduler.runCommand(new SchedulerCommand.LeaseFinished("a", FIRST, Optional.empty()));
        trainer.expectMessage(new TrainerCommand.Stop(FIRST, "its domain has the candidate"));
        trainer.expectMessage(new TrainerCommand.Train(new Lease(next, 2)));
    }

    @Test
    void pausesATrainerForAnUrgentFixUntilItHearsAndCountsNoAttempt() {
        enqueue(UPDATE, UpdateKind.KNOWLEDGE);
        heartbeat(Optional.empty());
        trainer.expectMessage(new TrainerCommand.Train(FIRST));
        UpdateId urgent = new UpdateId(new DomainId("alarm"), 1);
        enqueue(urgent, UpdateKind.FIX);
        TrainerCommand pause = new TrainerCommand.Pause(FIRST, "to go on later, in favour of alarm-u1");
        trainer.expectMessage(pause);
        heartbeat(Optional.of(FIRST));
        trainer.expectMessage(pause);
        giveBack();
        trainer.expectMessage(new TrainerCommand.Train(new Lease(urgent, 2)));
        assertEquals(List.of(), scheduler.getState().find(UPDATE).orElseThrow().ends());
    }

    @Test
    void stopsTheTrainerOfAWithdrawnUpdate() {
        lease();
        assertEquals(new SchedulerCommand.Acknowledged(UPDATE), withdraw());
        trainer.expectMessage(new TrainerCommand.Stop(FIRST, "not wanted"));
        assertEquals(new SchedulerCommand.Acknowledged(UPDATE), withdraw(), "an unknown one is acknowledged too");
    }

    @Test
    void failsAnExhaustedUpdateInItsDomainBeforeItForgetsIt() {
        exhaust();
        DomainEnvelope unanswered = toDomain();
        DomainCommand.FailUpdate fail = (DomainCommand.FailUpdate) unanswered.command();
        assertEquals(UPDATE, fail.update());
        assertEquals(3, fail.token());
        DomainEnvelope again = toDomain();
        assertEquals(fail, again.command());
        assertEquals(1, scheduler.getState().entries().size());
        again.replyTo().tell(update(UpdateState.FAILED));
        expectForgotten();
    }

    @Test
    void forgetsAnExhaustedUpdateThatItsDomainHasFinishedOtherwise() {
        exhaust();
        shown = UpdateState.CANCELLED;
        toDomain()
                .replyTo()
                .tell(new DomainReply.Refused(Problem.conflict("id", "update news-u1 is cancelled already")));
        expectForgotten();
    }

    @Test
    void forgetsAnUpdateWhoseEndGotLost() {
        lease();
        shown = UpdateState.LIVE;
        scheduler.runCommand(new SchedulerCommand.LeaseFinished("a", FIRST, Optional.of("refused")));
        expectForgotten();
    }

    @Test
    void givesEveryLeaseItsFullTimeAfterARestart() {
        lease();
        heartbeat(Optional.of(FIRST));
        clock.pass(Duration.ofSeconds(9));
        scheduler.restart();
        clock.pass(Duration.ofSeconds(9));
        assertEquals(Optional.of(FIRST), scheduler.getState().leaseOf("a"));
        heartbeat(Optional.of(FIRST));
        clock.pass(Duration.ofSeconds(9));
        assertEquals(Optional.of(FIRST), scheduler.getState().leaseOf("a"));
        clock.pass(Duration.ofSeconds(2));
        assertEquals(Optional.empty(), scheduler.getState().leaseOf("a"));
    }

    @Test
    void wakesTheKnownDomainsWhenItStarts() {
        scheduler.getState();
        known.add(CompletableFuture.failedFuture(new IllegalStateException("no journal yet")));
        known.add(CompletableFuture.completedFuture(List.of(NEWS)));
        scheduler.restart();
        assertEquals(new DomainCommand.ShowDomain(), toDomain().command());
    }

    /** What they had acknowledged and not told yet would wait for somebody to ask for it. */
    @Test
    void wakesTheKnownDomainsWhenAnyHaveLostTheirNode() {
        scheduler.getState();
        known.add(CompletableFuture.completedFuture(List.of(NEWS)));
        nodeLost.run();
        assertEquals(new DomainCommand.ShowDomain(), toDomain().command());
    }

    @Test
    void wakesAFewDomainsAtATimeAndEachUntilItAnswers() {
        scheduler.getState();
        List<DomainId> many =
                IntStream.range(0, 40).mapToObj(i -> new DomainId("d" + i)).toList();
        known.add(CompletableFuture.completedFuture(many));
        nodeLost.run();
        toDomain();
        for (int more = 1; more < 16; more++) {
            domain.receiveMessage();
        }
        domain.expectNoMessage();
        clock.pass(Duration.ofSeconds(6));
        DomainEnvelope next = domain.receiveMessage();
        for (int more = 1; more < 16; more++) {
            domain.receiveMessage();
        }
        domain.expectNoMessage();
        next.replyTo().tell(update(UpdateState.RUNNING));
        domain.receiveMessage();
        domain.expectNoMessage();
    }

    @Test
    void asksAgainWhatHasBecomeOfAnUpdateWhoseDomainDoesNotAnswer() {
        enqueue(UPDATE);
        deaf = true;
        scheduler.restart();
        shown = UpdateState.LIVE;
        clock.pass(Duration.ofSeconds(6));
        deaf = false;
        domain.awaitAssert(() -> {
            clock.pass(Duration.ofSeconds(6));
            assertEquals(0, scheduler.getState().entries().size());
            return null;
        });
    }

    @Test
    void endsNoLeaseWhereSomebodySetsTheClock() {
        lease();
        heartbeat(Optional.of(FIRST));
        clock.jump(Duration.ofHours(1));
        clock.pass(Duration.ofSeconds(2));
        assertEquals(Optional.of(FIRST), scheduler.getState().leaseOf("a"));
        clock.jump(Duration.ofHours(-2));
        clock.pass(Duration.ofSeconds(9));
        assertEquals(Optional.empty(), scheduler.getState().leaseOf("a"), "and one that is silent still ends");
    }

    @Test
    void showsTheQueueAndTheTrainers() {
        lease();
        heartbeat(Optional.of(FIRST));
        clock.pass(Duration.ofSeconds(3));
        QueueView view = queue();
        QueueView.Request request = view.requests().get(0);
        assertEquals(UPDATE, request.id());
        assertEquals(Optional.of("a"), request.trainer());
        assertEquals(
                List.of(new QueueView.Trainer(
                        "a",
                        Optional.of(UPDATE),
                        Optional.of(1L),
                        clock.instant().minusSeconds(3))),
                view.trainers());
    }

    @Test
    void isTheSameAfterARestart() {
        lease();
        scheduler.runCommand(new SchedulerCommand.LeaseFinished("a", FIRST, Optional.of("out of memory")));
        SchedulerState before = scheduler.getState();
        assertEquals(before, scheduler.restart().state());
    }

    /** Trainer a gets the update under token 1. */
    private void lease() {
        enqueue(UPDATE);
        heartbeat(Optional.empty());
        trainer.expectMessage(new TrainerCommand.Train(FIRST));
    }

    /** All three attempts at the update end in a failure. */
    private void exhaust() {
        lease();
        for (long token = 1; token <= 3; token++) {
            Lease lease = new Lease(UPDATE, token);
            scheduler.runCommand(new SchedulerCommand.LeaseFinished("a", lease, Optional.of("out of memory")));
            trainer.expectMessage(new TrainerCommand.Stop(lease, "trainer a: out of memory"));
            if (token < 3) {
                clock.pass(Duration.ofSeconds(15));
                heartbeat(Optional.empty());
                trainer.expectMessage(new TrainerCommand.Train(new Lease(UPDATE, token + 1)));
            }
        }
    }

    /** What comes next to the domain, letting time pass until it does. */
    private DomainEnvelope toDomain() {
        return domain.awaitAssert(() -> {
            clock.pass(Duration.ofSeconds(1));
            return domain.receiveMessage(Duration.ofMillis(100));
        });
    }

    private void expectForgotten() {
        domain.awaitAssert(() -> {
            assertEquals(0, scheduler.getState().entries().size());
            return null;
        });
    }

    private void heartbeat(Optional<Lease> lease) {
        scheduler.runCommand(new SchedulerCommand.TrainerAlive("a", lease, trainer.ref()));
    }

    private SchedulerCommand.Acknowledged enqueue(UpdateId id) {
        return enqueue(id, UpdateKind.FIX);
    }

    private SchedulerCommand.Acknowledged enqueue(UpdateId id, UpdateKind kind) {
        UpdateRequest request = new UpdateRequest(
                id, kind, 0.5, Optional.empty(), Optional.empty(), 9, Instant.parse("2026-01-01T00:00:00Z"));
        return scheduler
                .<SchedulerCommand.Acknowledged>runCommand(replyTo -> new SchedulerCommand.Enqueue(request, replyTo))
                .reply();
    }

    private QueueView queue() {
        return scheduler
                .<QueueView>runCommand(replyTo -> new SchedulerCommand.ShowQueue(100, replyTo))
                .reply();
    }

    private SchedulerCommand.Acknowledged withdraw() {
        return scheduler
                .<SchedulerCommand.Acknowledged>runCommand(
                        replyTo -> new SchedulerCommand.Withdraw(UPDATE, "not wanted", false, replyTo))
                .reply();
    }

    private static DomainReply update(UpdateState state) {
        return new DomainReply.UpdateShown(new UpdateView(
                UPDATE,
                NEWS,
                state,
                UpdateKind.FIX,
                0.5,
                Optional.empty(),
                Optional.empty(),
                1,
                "",
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of()));
    }
}
