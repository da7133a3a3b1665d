package dev.perennial.entity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.ManualClock;
import dev.perennial.TestConfig;
import dev.perennial.domain.DomainState;
import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.Checkpoint;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Manifest;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.ProtocolVersion;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.Score;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateState;
import dev.perennial.protocols.UpdateView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.persistence.testkit.javadsl.EventSourcedBehaviorTestKit;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DomainEntityTest {
    private static final DomainId NEWS = new DomainId("news");
    private static final UpdateId UPDATE = new UpdateId(NEWS, 1);
    private static final DomainCommand CANCEL = new DomainCommand.CancelUpdate(UPDATE, "not wanted");
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final ActorTestKit kit = ActorTestKit.create(TestConfig.create());
    private final ManualTime timers = ManualTime.get(kit.system());
    private final ManualClock clock = new ManualClock(timers);
    private final TestProbe<SchedulerCommand> scheduler = kit.createTestProbe(SchedulerCommand.class);
    private final TestProbe<ClusterSharding.ShardCommand> shard =
            kit.createTestProbe(ClusterSharding.ShardCommand.class);
    private final Queue<CompletableFuture<Done>> removals = new ConcurrentLinkedQueue<>();
    private final TestProbe<List<String>> rows = kit.createTestProbe();
    private final AtomicInteger protocol = new AtomicInteger(ProtocolVersion.SPOKEN.number());
    private final EventSourcedBehaviorTestKit<DomainEnvelope, DomainEvent, Optional<DomainState>> domain =
            EventSourcedBehaviorTestKit.create(
                    kit.system(),
                    DomainEntity.create(
                            NEWS,
                            shard.ref(),
                            scheduler.ref(),
                            this::removeRows,
                            this::removeArtifacts,
                            protocol::get,
                            clock),
                    EventSourcedBehaviorTestKit.enabledSerializationSettings()
                            .withVerifyEquality(true)
                            .withVerifyState(false));

    @BeforeEach
    void create() {
        ask(new DomainCommand.Create(NEWS, "What is new", DomainPolicy.DEFAULT));
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void repliesToARefusedCommandToo() {
        DomainReply reply = ask(new DomainCommand.Create(NEWS, "again", DomainPolicy.DEFAULT));
        assertEquals(
                Problem.Kind.CONFLICT,
                assertInstanceOf(DomainReply.Refused.class, reply).problem().kind());
    }

    @Test
    void isTheSameAfterARestart() {
        requestUpdate();
        ask(new DomainCommand.BeginUpdate(UPDATE, 1));
        Optional<DomainState> before = domain.getState();
        assertEquals(before, domain.restart().state());
    }

    @Test
    void tellsTheSchedulerUntilItAcknowledges() {
        requestUpdate();
        SchedulerCommand.Enqueue first = scheduler.expectMessageClass(SchedulerCommand.Enqueue.class);
        assertEquals(UPDATE, first.request().id());
        clock.pass(RETRY);
        SchedulerCommand.Enqueue second = scheduler.expectMessageClass(SchedulerCommand.Enqueue.class);
        assertEquals(first.request(), second.request());
        second.replyTo().tell(new SchedulerCommand.Acknowledged(UPDATE));
        timers.expectNoMessageFor(Duration.ofMinutes(1), scheduler);
    }

    @Test
    void tellsTheSchedulerOfOpenUpdatesAfterARestart() {
        requestUpdate();
        acknowledge(scheduler.expectMessageClass(SchedulerCommand.Enqueue.class));
        domain.restart();
        assertEquals(
                UPDATE,
                scheduler
                        .expectMessageClass(SchedulerCommand.Enqueue.class)
                        .request()
                        .id());
    }

    @Test
    void withdrawsAnUpdateThatBecameFinalUntilItIsAcknowledged() {
        requestUpdate();
        acknowledge(scheduler.expectMessageClass(SchedulerCommand.Enqueue.class));
        ask(CANCEL);
        SchedulerCommand.Withdraw first = scheduler.expectMessageClass(SchedulerCommand.Withdraw.class);
        assertEquals(UPDATE, first.update());
        assertEquals("not wanted", first.reason());
        clock.pass(RETRY);
        SchedulerCommand.Withdraw second = scheduler.expectMessageClass(SchedulerCommand.Withdraw.class);
        second.replyTo().tell(new SchedulerCommand.Acknowledged(UPDATE));
        timers.expectNoMessageFor(Duration.ofMinutes(1), scheduler);
    }

    /** By which the scheduler learns what an update takes. */
    @Test
    void saysThatAnUpdateEndedByItsCandidate() {
        requestUpdate();
        acknowledge(scheduler.expectMessageClass(SchedulerCommand.Enqueue.class));
        ask(new DomainCommand.BeginUpdate(UPDATE, 1));
        Score score = new Score(0.5, -1, 8, 8);
        Manifest manifest = new Manifest(
                "base", "data", "lora", 1, DomainPolicy.Training.DEFAULT, Map.of("new", 4), 10, 100, 0.5, 1);
        Evaluation evaluation = new Evaluation(score, score, score, score, score, score);
        ask(new DomainCommand.SubmitCandidate(UPDATE, 1, new Candidate("artifact", manifest, evaluation)));
        SchedulerCommand.Withdraw told = scheduler.expectMessageClass(SchedulerCommand.Withdraw.class);
        assertTrue(told.trained(), told.reason());
    }

    @Test
    void keepsWithdrawingWhereOnlyTheEarlierEnqueueIsAcknowledged() {
        requestUpdate();
        SchedulerCommand.Enqueue enqueue = scheduler.expectMessageClass(SchedulerCommand.Enqueue.class);
        ask(CANCEL);
        scheduler.expectMessageClass(SchedulerCommand.Withdraw.class);
        acknowledge(enqueue);
        clock.pass(RETRY);
        scheduler.expectMessageClass(SchedulerCommand.Withdraw.class);
    }

    @Test
    void withdrawsWhatClosedLatelyAgainAfterARestart() {
        requestUpdate();
        scheduler.expectMessageClass(SchedulerCommand.Enqueue.class);
        ask(CANCEL);
        scheduler.expectMessageClass(SchedulerCommand.Withdraw.class);
        domain.restart();
        assertEquals(
                UPDATE,
                scheduler.expectMessageClass(SchedulerCommand.Withdraw.class).update());
    }

    @Test
    void showsProgressWithoutJournalingIt() {
        requestUpdate();
        ask(new DomainCommand.BeginUpdate(UPDATE, 1));
        Progress training = new Progress("training", 5, 10, 0.5, 100, 3);
        assertEquals(
                List.of(),
                run(new DomainCommand.ReportProgress(UPDATE, 1, training)).events());
        assertEquals(Optional.of(training), show().progress());
        assertEquals(UpdateState.RUNNING, show().state());

        Progress evaluating = new Progress("evaluating", 10, 10, 0.4, 100, 0);
        ask(new DomainCommand.ReportProgress(UPDATE, 1, evaluating));
        assertEquals(UpdateState.EVALUATING, show().state());

        ask(new DomainCommand.ReportProgress(UPDATE, 0, training));
        assertEquals(Optional.of(evaluating), show().progress(), "an old token changes nothing");
    }

    @Test
    void forgetsProgressWhenANewAttemptBegins() {
        requestUpdate();
        ask(new DomainCommand.BeginUpdate(UPDATE, 1));
        ask(new DomainCommand.ReportProgress(UPDATE, 1, new Progress("training", 5, 10, 0.5, 100, 3)));
        ask(new DomainCommand.BeginUpdate(UPDATE, 2));
        assertEquals(Optional.empty(), show().progress());
    }

    @Test
    void leavesMemoryWhenNothingIsOpen() {
        expectPassivation();
    }

    @Test
    void staysInMemoryWhileAnUpdateIsOpenOrUnacknowledged() {
        requestUpdate();
        acknowledge(scheduler.expectMessageClass(SchedulerCommand.Enqueue.class));
        show();
        clock.pass(Duration.ofMinutes(2));
        shard.expectNoMessage();
        ask(CANCEL);
        acknowledge(scheduler.expectMessageClass(SchedulerCommand.Withdraw.class));
        expectPassivation();
    }

    @Test
    void removesACheckpointThatALaterOneHasReplaced() {
        requestUpdate();
        ask(new DomainCommand.BeginUpdate(UPDATE, 1));
        ask(new DomainCommand.TakeCheckpoint(UPDATE, new Checkpoint("first", 10, 1)));
        rows.expectNoMessage();
        ask(new DomainCommand.TakeCheckpoint(UPDATE, new Checkpoint("second", 20, 1)));
        rows.expectMessage(List.of("first"));
        succeed();
        awaitOutdated(Set.of());
    }

    @Test
    void removesTheCheckpointOfAnUpdateThatIsOverUntilTheStoreHasDoneIt() {
        requestUpdate();
        ask(new DomainCommand.BeginUpdate(UPDATE, 1));
        ask(new DomainCommand.TakeCheckpoint(UPDATE, new Checkpoint("first", 10, 1)));
        ask(CANCEL);
        rows.expectMessage(List.of("first"));
        domain.restart();
        rows.expectMessage(List.of("first"));
        removals.remove();
        removals.remove().completeExceptionally(new IllegalStateException("no database"));
        rows.awaitAssert(() -> {
            clock.pass(RETRY);
            return rows.receiveMessage(Duration.ofMillis(100));
        });
        succeedAll();
        awaitOutdated(Set.of());
    }

    private void awaitOutdated(Set<String> expected) {
        rows.awaitAssert(() -> {
            assertEquals(expected, domain.getState().orElseThrow().outdatedCheckpoints());
            return expected;
        });
    }

    @Test
    void survivesAJournalThatFails() {
        DomainId law = new DomainId("law");
        ActorRef<DomainEnvelope> entity = kit.spawn(DomainEntity.create(
                law, shard.ref(), scheduler.ref(), this::removeRows, this::removeArtifacts, protocol::get, clock));
        TestProbe<DomainReply> probe = kit.createTestProbe(DomainReply.class);
        DomainEnvelope create =
                new DomainEnvelope(new DomainCommand.Create(law, "", DomainPolicy.DEFAULT), probe.ref());
        domain.persistenceTestKit().failNextPersisted("domain|law");
        entity.tell(create);
        probe.expectNoMessage();
        entity.tell(create);
        probe.awaitAssert(() -> {
            clock.pass(Duration.ofSeconds(1));
            return probe.expectMessageClass(DomainReply.DomainShown.class, Duration.ofMillis(100));
        });
    }

    private void expectPassivation() {
        shard.awaitAssert(() -> {
            clock.pass(Duration.ofMinutes(2));
            return shard.expectMessageClass(ClusterSharding.Passivate.class, Duration.ofMillis(100));
        });
    }

    @Test
    void holdsExamplesBackOnceEveryNodeKnowsThatTheyCanBe() {
        protocol.set(0);
        requestUpdate();
        ask(new DomainCommand.BeginUpdate(UPDATE, 1));
        ask(new DomainCommand.FailUpdate(UPDATE, 1, "it crashed"));
        assertEquals(4, domain.getState().orElseThrow().fresh());
        protocol.set(1);
        ask(new DomainCommand.RequestUpdate("again", UpdateKind.KNOWLEDGE, 0.5, Optional.empty(), Optional.empty()));
        UpdateId again = new UpdateId(NEWS, 2);
        ask(new DomainCommand.BeginUpdate(again, 2));
        ask(new DomainCommand.FailUpdate(again, 2, "it crashed"));
        assertEquals(0, domain.getState().orElseThrow().fresh());
    }

    @Test
    void leavesASnapshotToWhoeverTakesItOverOnceItsNodeLeaves() {
        CompletableFuture<Done> left = new CompletableFuture<>();
        CoordinatedShutdown shutdown = CoordinatedShutdown.get(kit.system());
        shutdown.addTask(CoordinatedShutdown.PhaseBeforeServiceUnbind(), "still-serving", () -> left);
        acceptOneByOne(0, 50);
        domain.snapshotTestKit().orElseThrow().expectNothingPersisted("domain|news");
        shutdown.runAll(CoordinatedShutdown.jvmExitReason());
        ask(accept(50, 1));
        DomainSnapshot parting =
                domain.snapshotTestKit().orElseThrow().expectNextPersistedClass("domain|news", DomainSnapshot.class);
        assertEquals(domain.getState(), Optional.of(DomainState.fromSnapshot(parting)));
        acceptOneByOne(51, 10);
        domain.snapshotTestKit().orElseThrow().expectNothingPersisted("domain|news");
        left.complete(Done.getInstance());
    }

    @Test
    void recoversFromASnapshotInItsStoredForm() {
        acceptOneByOne(0, 210);
        requestUpdate();
        ask(new DomainCommand.BeginUpdate(UPDATE, 1));
        DomainState state = domain.getState().orElseThrow();
        Object stored =
                domain.snapshotTestKit().orElseThrow().expectNextPersistedClass("domain|news", DomainSnapshot.class);
        assertEquals(stored, roundTrip(stored));
        assertEquals(Optional.of(state), domain.restart().state());
        assertEquals(state, DomainState.fromSnapshot((DomainSnapshot) roundTrip(state.toSnapshot())));
    }

    @Test
    void removesTheRowOfADeletedExampleUntilTheStoreHasDoneIt() {
        ask(accept(0, 2));
        assertEquals(new DomainReply.Done(), ask(new DomainCommand.DeleteExamples(List.of("e1"))));
        assertEquals(List.of("e1"), rows.receiveMessage());
        assertEquals(Set.of("e1"), rowsToRemove());
        fail();
        awaitRemoval(List.of("e1"));
        succeed();
        awaitRowsToRemove(Set.of());
        assertEquals(
                new DomainEvent.DeletionCompleted(List.of("e1"), clock.instant()),
                domain.persistenceTestKit().persistedInStorage("domain|news").get(3));
    }

    @Test
    void removesTheRowsAfterARestartThatMayBeThereStill() {
        ask(accept(0, 2));
        ask(new DomainCommand.DeleteExamples(List.of("e1")));
        rows.receiveMessage();
        domain.restart();
        assertEquals(List.of("e1"), rows.receiveMessage());
        succeedAll();
        awaitRowsToRemove(Set.of());
        domain.restart();
        rows.expectNoMessage();
    }

    @Test
    void removesARowOnceMoreThatWasSentAgainMeanwhile() {
        ask(accept(0, 2));
        ask(new DomainCommand.DeleteExamples(List.of("e1")));
        rows.receiveMessage();
        assertEquals(new DomainReply.ExamplesCounted(0, 0, List.of("e1")), ask(accept(1, 1)));
        rows.expectNoMessage();
        succeed();
        assertEquals(List.of("e1"), rows.receiveMessage());
        assertEquals(Set.of("e1"), rowsToRemove());
        succeed();
        awaitRowsToRemove(Set.of());
    }

    @Test
    void staysInMemoryWhileRowsAreToBeRemoved() {
        ask(accept(0, 1));
        ask(new DomainCommand.DeleteExamples(List.of("e0")));
        rows.receiveMessage();
        clock.pass(Duration.ofMinutes(2));
        shard.expectNoMessage();
        succeed();
        awaitRowsToRemove(Set.of());
        expectPassivation();
    }

    private CompletionStage<Done> removeArtifacts(List<String> artifacts) {
        CompletableFuture<Done> removal = new CompletableFuture<>();
        removals.add(removal);
        rows.ref().tell(artifacts);
        return removal;
    }

    private CompletionStage<Done> removeRows(DomainId removing, List<String> ids) {
        CompletableFuture<Done> removal = new CompletableFuture<>();
        removals.add(removal);
        rows.ref().tell(ids);
        return removal;
    }

    private void succeed() {
        removals.remove().complete(Done.getInstance());
    }

    private void succeedAll() {
        while (!removals.isEmpty()) {
            succeed();
        }
    }

    private void fail() {
        removals.remove().completeExceptionally(new IllegalStateException("the store is away"));
    }

    private void awaitRemoval(List<String> ids) {
        List<String> removed = rows.awaitAssert(() -> {
            clock.pass(RETRY);
            return rows.receiveMessage(Duration.ofMillis(100));
        });
        assertEquals(ids, removed);
    }

    private void awaitRowsToRemove(Set<String> ids) {
        rows.awaitAssert(() -> {
            assertEquals(ids, rowsToRemove());
            return ids;
        });
    }

    private Set<String> rowsToRemove() {
        return Set.copyOf(domain.getState().orElseThrow().rowsToRemove());
    }

    private Object roundTrip(Object message) {
        Serialization serialization = SerializationExtension.get(Adapter.toClassic(kit.system()));
        byte[] bytes = serialization.serialize(message).get();
        return serialization.deserialize(bytes, message.getClass()).get();
    }

    private void requestUpdate() {
        ask(accept(1_000, 4));
        DomainReply reply =
                ask(new DomainCommand.RequestUpdate("key", UpdateKind.FIX, 1, Optional.empty(), Optional.of("lora")));
        assertTrue(reply instanceof DomainReply.UpdateShown, () -> "expected an update; got " + reply);
    }

    private void acceptOneByOne(int from, int count) {
        for (int i = from; i < from + count; i++) {
            ask(accept(i, 1));
        }
    }

    private static DomainCommand accept(int from, int count) {
        return new DomainCommand.AcceptExamples(IntStream.range(from, from + count)
                .mapToObj(number -> new ExampleRef("e" + number, 10, ExampleUse.TRAIN, true))
                .toList());
    }

    private static void acknowledge(SchedulerCommand command) {
        if (command instanceof SchedulerCommand.Enqueue enqueue) {
            enqueue.replyTo()
                    .tell(new SchedulerCommand.Acknowledged(enqueue.request().id()));
        } else if (command instanceof SchedulerCommand.Withdraw withdraw) {
            withdraw.replyTo().tell(new SchedulerCommand.Acknowledged(withdraw.update()));
        }
    }

    private UpdateView show() {
        return assertInstanceOf(DomainReply.UpdateShown.class, ask(new DomainCommand.ShowUpdate(UPDATE)))
                .update();
    }

    private DomainReply ask(DomainCommand command) {
        return run(command).reply();
    }

    private EventSourcedBehaviorTestKit.CommandResultWithReply<
                    DomainEnvelope, DomainEvent, Optional<DomainState>, DomainReply>
            run(DomainCommand command) {
        return domain.<DomainReply>runCommand(replyTo -> new DomainEnvelope(command, replyTo));
    }
}
