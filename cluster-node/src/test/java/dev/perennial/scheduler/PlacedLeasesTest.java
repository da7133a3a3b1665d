package dev.perennial.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.ManualClock;
import dev.perennial.TestConfig;
import dev.perennial.domain.SchedulerSettings;
import dev.perennial.domain.SchedulerState;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.TrainerCapabilities;
import dev.perennial.protocols.TrainerCommand;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.persistence.testkit.javadsl.EventSourcedBehaviorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The scheduler between trainers that can do different things. */
class PlacedLeasesTest {
    private static final UpdateId FIRST = new UpdateId(new DomainId("law"), 1);
    private static final UpdateId SECOND = new UpdateId(new DomainId("news"), 1);

    private final ActorTestKit kit = ActorTestKit.create(TestConfig.create());
    private final ManualClock clock = new ManualClock(ManualTime.get(kit.system()));
    private final TestProbe<DomainEnvelope> domains = kit.createTestProbe(DomainEnvelope.class);
    private final TestProbe<TrainerCommand> trainer = kit.createTestProbe(TrainerCommand.class);
    private final TestProbe<TrainerCommand> other = kit.createTestProbe(TrainerCommand.class);
    private final EventSourcedBehaviorTestKit<SchedulerCommand, SchedulerEvent, SchedulerState> scheduler =
            EventSourcedBehaviorTestKit.create(
                    kit.system(),
                    Scheduler.create(
                            SchedulerSettings.DEFAULT,
                            id -> domains.ref(),
                            () -> CompletableFuture.completedFuture(List.of()),
                            losses -> {},
                            clock,
                            clock::nanos),
                    EventSourcedBehaviorTestKit.enabledSerializationSettings()
                            .withVerifyEquality(true)
                            .withVerifyState(false));

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void passesOverARequestThatNoIdleTrainerFitsAndSaysWhy() {
        enqueue(FIRST, 1.0, "b1");
        enqueue(SECOND, 0.1, "b0");
        alive("a", "b0", trainer);
        trainer.expectMessage(new TrainerCommand.Train(new Lease(SECOND, 1)));
        QueueView view = queue();
        assertEquals(FIRST, view.requests().get(0).id());
        assertEquals(
                Optional.of("waits for a trainer that fits: a has not the base b1"),
                view.requests().get(0).waitsFor());
        assertEquals(
                Optional.of("the only idle trainer"), view.requests().get(1).placement());
        alive("b", "b1", other);
        other.expectMessage(new TrainerCommand.Train(new Lease(FIRST, 2)));
        SchedulerState before = scheduler.getState();
        assertEquals(before, scheduler.restart().state());
    }

    private QueueView queue() {
        return scheduler
                .<QueueView>runCommand(replyTo -> new SchedulerCommand.ShowQueue(100, replyTo))
                .reply();
    }

    private void alive(String name, String base, TestProbe<TrainerCommand> probe) {
        TrainerCapabilities able = new TrainerCapabilities("cpu", 1 << 30, List.of(base), List.of());
        scheduler.runCommand(
                new SchedulerCommand.TrainerAlive(name, Optional.empty(), Optional.of(able), false, probe.ref()));
    }

    private void enqueue(UpdateId id, double importance, String base) {
        UpdateRequest request = new UpdateRequest(
                id,
                UpdateKind.TASK,
                importance,
                Optional.empty(),
                Optional.empty(),
                9,
                Instant.parse("2026-01-01T00:00:00Z"),
                "default",
                List.of(),
                new UpdateSignals(0, 0, 0, Optional.empty(), Optional.empty(), 0, 10, 100, Optional.of(base)));
        scheduler.<SchedulerCommand.Acknowledged>runCommand(replyTo -> new SchedulerCommand.Enqueue(request, replyTo));
    }
}
