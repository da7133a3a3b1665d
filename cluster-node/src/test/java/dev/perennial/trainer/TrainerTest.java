package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.ManualClock;
import dev.perennial.TestConfig;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.SchedulerCommand.LeaseFinished;
import dev.perennial.protocols.SchedulerCommand.ReturnLease;
import dev.perennial.protocols.SchedulerCommand.TrainerAlive;
import dev.perennial.protocols.TrainerCapabilities;
import dev.perennial.protocols.TrainerCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trainer between a scheduler and a workshop whose update does what the test says. */
class TrainerTest {
    private static final Lease LEASE = new Lease(Training.UPDATE, 1);
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration HANG = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(20);
    private static final Capabilities ABLE = new Capabilities("cpu", 1 << 30, Optional::empty, "b0");

    private static BaseModel base;

    private Training training;

    private final ActorTestKit kit = ActorTestKit.create(TestConfig.create());
    private final ManualClock clock = new ManualClock(ManualTime.get(kit.system()));
    private final TestProbe<SchedulerCommand> scheduler = kit.createTestProbe(SchedulerCommand.class);
    private final TestProbe<Done> stopping = kit.createTestProbe(Done.class);
    private final HandWorkshop workshop = new HandWorkshop();

    @TempDir
    Path directory;

    @BeforeAll
    static void open() {
        base = BaseModel.open(Path.of("src/main/resources/base"));
    }

    @AfterAll
    static void close() {
        base.close();
    }

    @BeforeEach
    void train() {
        training = new Training(base, directory.resolve("work"));
        training.nanos = clock::nanos;
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void saysWithEveryHeartbeatWhatItCanDo() {
        start();
        TrainerAlive alive = heartbeat();
        assertEquals("a", alive.trainer());
        assertEquals(Optional.empty(), alive.lease());
        assertEquals(
                Optional.of(new TrainerCapabilities("cpu", 1 << 30, List.of("b0"), List.of())), alive.capabilities());
        assertFalse(alive.draining());
    }

    @Test
    void endsTheLeaseOfAnUpdateThatHangsAndTakesTheNext() {
        start();
        lease();
        workshop.silence = HANG;
        heartbeat(alive -> alive.lease().equals(Optional.of(LEASE)));
        workshop.silence = HANG.plusSeconds(1);
        clock.pass(HEARTBEAT);
        LeaseFinished end = next(LeaseFinished.class);
        assertEquals(
                Optional.of("hung: nothing was heard of it for 61 s, at step 3 of 10 while training"), end.failure());
        workshop.silence = Duration.ZERO;
        TrainerAlive free = heartbeat(alive -> alive.lease().isEmpty());
        assertFalse(free.draining());
        free.replyTo().tell(new TrainerCommand.Train(new Lease(Training.UPDATE, 2)));
        awaitBegun(2);
    }

    @Test
    void endsTheLeaseOfAnUpdateWhoseWeightsAreNeverLoadedAndTakesTheNext() {
        training.hung = true;
        start();
        heartbeat().replyTo().tell(new TrainerCommand.Train(LEASE));
        heartbeat(alive -> alive.lease().equals(Optional.of(LEASE)));
        clock.pass(HANG);
        LeaseFinished end = next(LeaseFinished.class);
        assertTrue(end.failure().orElseThrow().contains("at step 0 of 0 while selecting"), end::toString);
        training.hung = false;
        heartbeat(alive -> alive.lease().isEmpty())
                .replyTo()
                .tell(new TrainerCommand.Train(new Lease(Training.UPDATE, 2)));
        awaitBegun(1);
    }

    @Test
    void takesNoMoreWhereTooMuchHangs() {
        start();
        lease();
        workshop.usable = false;
        heartbeat(TrainerAlive::draining);
        workshop.result.completeExceptionally(new LearningException("it hung"));
        TrainerAlive last = heartbeat(alive -> alive.lease().isEmpty());
        Lease granted = new Lease(Training.UPDATE, 2);
        last.replyTo().tell(new TrainerCommand.Train(granted));
        assertEquals(granted, next(ReturnLease.class).lease());
        assertEquals(1, workshop.begun.get());
    }

    @Test
    void isDrainedAtOnceWhereItHasNothing() {
        ActorRef<Trainer.Message> trainer = start();
        trainer.tell(new Trainer.Drain(stopping.ref()));
        stopping.expectMessage(Done.getInstance());
        TrainerAlive last = draining();
        last.replyTo().tell(new TrainerCommand.Train(LEASE));
        ReturnLease back = next(ReturnLease.class);
        assertEquals(LEASE, back.lease());
        assertEquals("this trainer takes no more", back.reason());
        clock.pass(HEARTBEAT);
        assertEquals(Optional.empty(), draining().lease());
        assertEquals(0, workshop.begun.get());
    }

    @Test
    void handsThePausedUpdateBackBeforeItIsDrained() {
        ActorRef<Trainer.Message> trainer = start();
        lease();
        trainer.tell(new Trainer.Drain(stopping.ref()));
        assertEquals(Optional.of(LEASE), draining().lease());
        assertEquals(1, workshop.paused.get());
        workshop.result.completeExceptionally(new Workshop.Paused(4));
        ReturnLease back = next(ReturnLease.class);
        assertEquals(LEASE, back.lease());
        assertEquals("paused at step 4", back.reason());
        stopping.expectNoMessage();
        back.replyTo().tell(new SchedulerCommand.Acknowledged(Training.UPDATE));
        stopping.expectMessage(Done.getInstance());
    }

    @Test
    void tellsAgainThatItHandsBackUntilItIsHeard() {
        ActorRef<Trainer.Message> trainer = start();
        lease();
        trainer.tell(new Trainer.Drain(stopping.ref()));
        draining();
        workshop.result.completeExceptionally(new Workshop.Paused(4));
        next(ReturnLease.class);
        clock.pass(Duration.ofSeconds(3));
        ReturnLease again = next(ReturnLease.class);
        again.replyTo().tell(new SchedulerCommand.Acknowledged(Training.UPDATE));
        stopping.expectMessage(Done.getInstance());
    }

    @Test
    void handsTheUpdateBackAsItIsAfterTheGracePeriod() {
        ActorRef<Trainer.Message> trainer = start();
        lease();
        trainer.tell(new Trainer.Drain(stopping.ref()));
        draining();
        clock.pass(GRACE.plusSeconds(1));
        ReturnLease back = next(ReturnLease.class);
        assertEquals("stopped before it had paused", back.reason());
        back.replyTo().tell(new SchedulerCommand.Acknowledged(Training.UPDATE));
        stopping.expectMessage(Done.getInstance());
    }

    @Test
    void pausesForAnotherAndIsThereForIt() {
        start();
        lease();
        heartbeat().replyTo().tell(new TrainerCommand.Pause(LEASE, "something urgent"));
        scheduler.awaitAssert(() -> {
            assertEquals(1, workshop.paused.get());
            return workshop;
        });
        workshop.result.completeExceptionally(new Workshop.Paused(4));
        next(ReturnLease.class);
        assertFalse(heartbeat(alive -> alive.lease().isEmpty()).draining());
    }

    private ActorRef<Trainer.Message> start() {
        return kit.spawn(Trainer.create(
                new Trainer.Rules("a", HEARTBEAT, HANG, GRACE), scheduler.ref(), training.parts(workshop), ABLE));
    }

    /** The trainer has begun the update. */
    private void lease() {
        heartbeat().replyTo().tell(new TrainerCommand.Train(LEASE));
        awaitBegun(1);
    }

    private void awaitBegun(int updates) {
        scheduler.awaitAssert(() -> {
            assertEquals(updates, workshop.begun.get());
            return workshop.begun.get();
        });
    }

    /** The next one, letting time pass until it comes. */
    private TrainerAlive heartbeat() {
        clock.pass(HEARTBEAT);
        return next(TrainerAlive.class);
    }

    private TrainerAlive draining() {
        return heartbeat(TrainerAlive::draining);
    }

    /** The next one that is so. */
    private TrainerAlive heartbeat(Predicate<TrainerAlive> expected) {
        TrainerAlive alive = heartbeat();
        while (!expected.test(alive)) {
            alive = heartbeat();
        }
        return alive;
    }

    /** The next message of a kind; others before it are passed over. */
    private <T extends SchedulerCommand> T next(Class<T> type) {
        SchedulerCommand command = scheduler.receiveMessage();
        while (!type.isInstance(command)) {
            command = scheduler.receiveMessage();
        }
        return type.cast(command);
    }

    /** One update after the other, each of which runs until the test ends it. */
    private static final class HandWorkshop implements Workshop {
        volatile CompletableFuture<Trained> result = new CompletableFuture<>();
        volatile Duration silence = Duration.ZERO;
        volatile boolean usable = true;
        final AtomicInteger begun = new AtomicInteger();
        final AtomicInteger paused = new AtomicInteger();

        @Override
        public Running begin(Work work, Listener listener) {
            result = new CompletableFuture<>();
            begun.incrementAndGet();
            listener.progress(new Progress("training", 3, 10, 1, 1, 1));
            return new Running() {
                @Override
                public CompletionStage<Trained> result() {
                    return result;
                }

                @Override
                public void pause() {
                    paused.incrementAndGet();
                }

                @Override
                public void cancel() {}

                @Override
                public void abandon(String reason) {
                    result.completeExceptionally(new LearningException(reason));
                }

                @Override
                public Duration silence() {
                    return silence;
                }
            };
        }

        @Override
        public boolean isUsable() {
            return usable;
        }
    }
}
