package dev.perennial.entity;

import dev.perennial.domain.Decision;
import dev.perennial.domain.DomainDecisions;
import dev.perennial.domain.DomainState;
import dev.perennial.domain.ProtocolForms;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.UpdateId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.javadsl.CommandHandlerWithReply;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehaviorWithEnforcedReplies;
import org.apache.pekko.persistence.typed.javadsl.ReplyEffect;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * A domain in the cluster. All rules are in {@link DomainDecisions}; here their events are journaled and their replies sent,
 * the scheduler is told of updates that open and close, rows of deleted examples and checkpoints that nobody needs are
 * removed, and the progress of running updates is kept in memory.
 */
public final class DomainEntity
        extends EventSourcedBehaviorWithEnforcedReplies<DomainMessage, DomainEvent, Optional<DomainState>> {
    public static final EntityTypeKey<DomainEnvelope> KEY = EntityTypeKey.create(DomainEnvelope.class, "domain");

    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(2);

    /** A notice of an update that closed longer ago has been acknowledged, or the scheduler has found out by itself. */
    private static final Duration CLOSED_RECENTLY = Duration.ofHours(1);

    /** A database that is back is noticed within an ask's patience. */
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    private static final int EVENTS_A_SNAPSHOT = 200;
    private static final int SNAPSHOTS_KEPT = 2;

    /** Since the last snapshot, as whoever takes the domain over would have to read back. */
    private static final int EVENTS_WORTH_A_PARTING = 20;

    /** What a snapshot of a larger domain takes is more than the events that it would spare. */
    private static final int EXAMPLES_WORTH_A_PARTING = 20_000;

    private final ActorContext<DomainMessage> context;
    private final DomainId domain;
    private final ActorRef<ClusterSharding.ShardCommand> shard;
    private final IntSupplier protocol;
    private final InstantSource clock;
    private final SchedulerLink scheduler;
    private final Removal rows;
    private final Removal checkpoints;
    private final ProgressBoard progress = new ProgressBoard();
    private final TrafficCount traffic;
    private boolean parted;

    /**
     * What sharding needs to run the domains. Passivation by the shard is off: it looks at messages alone, whereas an entity
     * with an open update has to stay; each passivates itself.
     *
     * @param scheduler the singleton's proxy
     * @param rows of the example store
     * @param checkpoints of the artifact store
     * @param protocol that every node speaks
     */
    public static Entity<DomainEnvelope, ShardingEnvelope<DomainEnvelope>> of(
            ActorSystem<?> system,
            ActorRef<SchedulerCommand> scheduler,
            ExampleRemoval rows,
            ArtifactRemoval checkpoints,
            IntSupplier protocol,
            InstantSource clock) {
        return Entity.of(
                        KEY,
                        entity -> create(
                                new DomainId(entity.getEntityId()),
                                entity.getShard(),
                                scheduler,
                                rows,
                                checkpoints,
                                protocol,
                                clock))
                .withSettings(ClusterShardingSettings.create(system).withNoPassivationStrategy());
    }

    static Behavior<DomainEnvelope> create(
            DomainId domain,
            ActorRef<ClusterSharding.ShardCommand> shard,
            ActorRef<SchedulerCommand> scheduler,
            ExampleRemoval rows,
            ArtifactRemoval checkpoints,
            IntSupplier protocol,
            InstantSource clock) {
        Behavior<DomainMessage> entity = Behaviors.setup(
                context -> new DomainEntity(context, domain, shard, scheduler, rows, checkpoints, protocol, clock));
        return Behaviors.transformMessages(
                DomainEnvelope.class, entity, match -> match.match(DomainEnvelope.class, DomainMessage.Asked::new));
    }

    private DomainEntity(
            ActorContext<DomainMessage> context,
            DomainId domain,
            ActorRef<ClusterSharding.ShardCommand> shard,
            ActorRef<SchedulerCommand> scheduler,
            ExampleRemoval rows,
            ArtifactRemoval checkpoints,
            IntSupplier protocol,
            InstantSource clock) {
        super(
                PersistenceId.of(KEY.name(), domain.value()),
                SupervisorStrategy.restartWithBackoff(Duration.ofSeconds(1), LONGEST_BACKOFF, 0.2));
        this.context = context;
        this.domain = domain;
        this.shard = shard;
        this.protocol = protocol;
        this.clock = clock;
        this.traffic = new TrafficCount(clock.instant());
        this.scheduler = new SchedulerLink(context, scheduler);
        this.rows = new Removal(context, DomainMessage.Stored.EXAMPLES, ids -> rows.remove(domain, ids));
        this.checkpoints = new Removal(context, DomainMessage.Stored.CHECKPOINTS, checkpoints::remove);
    }

    @Override
    public Optional<DomainState> emptyState() {
        return Optional.empty();
    }

    @Override
    public CommandHandlerWithReply<DomainMessage, DomainEvent, Optional<DomainState>> commandHandler() {
        return newCommandHandlerWithReplyBuilder()
                .forAnyState()
                .onCommand(DomainMessage.Asked.class, (state, asked) -> answer(state, asked.envelope()))
                .onCommand(DomainMessage.SchedulerHeard.class, this::hear)
                .onCommand(DomainMessage.RemovalHandled.class, (state, handled) -> handled(handled))
                .onCommand(DomainMessage.RemovalLeft.class, (state, left) -> removeAgain(left))
                .onCommand(DomainMessage.Idle.class, (state, idle) -> passivate(state))
                .build();
    }

    /** A command as builds of the protocol can read it: whoever asks a domain sends it so. */
    public static DomainCommand known(DomainCommand command, int protocol) {
        return ProtocolForms.known(command, protocol);
    }

    private ReplyEffect<DomainEvent, Optional<DomainState>> answer(
            Optional<DomainState> state, DomainEnvelope envelope) {
        Instant now = clock.instant();
        List<DomainEvent> counted = state.isPresent() ? counted(envelope.command(), now) : List.of();
        Optional<DomainState> current = state;
        for (DomainEvent event : counted) {
            current = Optional.of(DomainState.fold(current, event));
        }
        Decision decision = ProtocolForms.known(
                DomainDecisions.decide(domain, current, envelope.command(), now), protocol.getAsInt());
        List<DomainEvent> events =
                Stream.concat(counted.stream(), decision.events().stream()).toList();
        return Effect()
                .persist(events)
                .thenRun(after -> {
                    decision.events().forEach(this::follow);
                    removeOutdated(state, after);
                    if (envelope.command() instanceof DomainCommand.ReportProgress report
                            && decision.reply().apply(after) instanceof DomainReply.Done) {
                        progress.report(report.update(), report.progress());
                    }
                })
                .thenReply(
                        envelope.replyTo(),
                        after -> progress.over(decision.reply().apply(after)));
    }

    /** The scheduler is to know of the traffic as it is when an update is requested. */
    private List<DomainEvent> counted(DomainCommand command, Instant now) {
        traffic.asked(command);
        return traffic.isDue(now) || command instanceof DomainCommand.RequestUpdate
                ? traffic.take(now).stream().toList()
                : List.of();
    }

    private void removeOutdated(Optional<DomainState> before, Optional<DomainState> after) {
        Set<String> outdated = new TreeSet<>(outdated(after));
        outdated.removeAll(outdated(before));
        checkpoints.remove(outdated);
    }

    private static Set<String> outdated(Optional<DomainState> state) {
        return state.map(DomainState::outdatedCheckpoints).orElse(Set.of());
    }

    private void follow(DomainEvent event) {
        if (event instanceof DomainEvent.ExamplesDeleted deleted) {
            rows.remove(deleted.ids());
        } else if (event instanceof DomainEvent.UpdateRequested requested) {
            scheduler.opened(requested.request());
        } else if (event instanceof DomainEvent.RequestMerged merged) {
            merged.request().ifPresent(scheduler::opened);
        } else if (event instanceof DomainEvent.UpdateStarted started) {
            progress.forget(started.update());
        } else if (event instanceof DomainEvent.VersionPromoted promoted) {
            close(promoted.update(), promoted.version() + " went live", true);
        } else if (event instanceof DomainEvent.CandidateRejected rejected) {
            close(rejected.update(), rejected.reason(), true);
        } else if (event instanceof DomainEvent.UpdateCancelled cancelled) {
            close(cancelled.update(), cancelled.reason(), false);
        } else if (event instanceof DomainEvent.UpdateFailed failed) {
            close(failed.update(), failed.reason(), false);
        }
    }

    private void close(UpdateId update, String reason, boolean trained) {
        progress.forget(update);
        scheduler.closed(update, reason, trained);
    }

    private ReplyEffect<DomainEvent, Optional<DomainState>> hear(
            Optional<DomainState> state, DomainMessage.SchedulerHeard heard) {
        scheduler.heard(heard);
        return Effect().noReply();
    }

    private ReplyEffect<DomainEvent, Optional<DomainState>> handled(DomainMessage.RemovalHandled handled) {
        List<String> gone = removal(handled.what()).heard(handled);
        if (gone.isEmpty()) {
            return Effect().noReply();
        }
        DomainEvent event = switch (handled.what()) {
            case EXAMPLES -> new DomainEvent.DeletionCompleted(gone, clock.instant());
            case CHECKPOINTS -> new DomainEvent.CheckpointsRemoved(gone, clock.instant());
        };
        return Effect().persist(event).thenNoReply();
    }

    private ReplyEffect<DomainEvent, Optional<DomainState>> removeAgain(DomainMessage.RemovalLeft left) {
        removal(left.what()).proceed();
        return Effect().noReply();
    }

    private Removal removal(DomainMessage.Stored what) {
        return switch (what) {
            case EXAMPLES -> rows;
            case CHECKPOINTS -> checkpoints;
        };
    }

    private ReplyEffect<DomainEvent, Optional<DomainState>> passivate(Optional<DomainState> state) {
        boolean open =
                state.filter(existing -> !existing.openRequests().isEmpty()).isPresent();
        if (!open && scheduler.isIdle() && rows.isIdle() && checkpoints.isIdle()) {
            List<DomainEvent> counted =
                    state.isPresent() ? traffic.take(clock.instant()).stream().toList() : List.of();
            return Effect()
                    .persist(counted)
                    .thenRun(after -> shard.tell(new ClusterSharding.Passivate<>(context.getSelf())))
                    .thenNoReply();
        }
        return Effect().noReply();
    }

    @Override
    public EventHandler<Optional<DomainState>, DomainEvent> eventHandler() {
        return newEventHandlerBuilder()
                .forAnyState()
                .onAnyEvent((state, event) -> Optional.of(DomainState.fold(state, event)));
    }

    @Override
    public SignalHandler<Optional<DomainState>> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.class, (state, signal) -> recovered(state))
                .build();
    }

    private void recovered(Optional<DomainState> state) {
        context.setReceiveTimeout(IDLE_TIMEOUT, new DomainMessage.Idle());
        scheduler.restart(
                state.map(DomainState::openRequests).orElse(List.of()),
                state.map(existing -> existing.closedSince(clock.instant().minus(CLOSED_RECENTLY)))
                        .orElse(List.of()));
        rows.restart(state.map(DomainState::rowsToRemove).orElse(Set.of()));
        checkpoints.restart(outdated(state));
    }

    @Override
    public RetentionCriteria retentionCriteria() {
        return RetentionCriteria.snapshotEvery(EVENTS_A_SNAPSHOT, SNAPSHOTS_KEPT);
    }

    /** A node that leaves spares whoever takes its domains over most of their events, as long as it still serves them itself. */
    @Override
    public boolean shouldSnapshot(Optional<DomainState> state, DomainEvent event, long sequenceNr) {
        boolean parting = !parted
                && sequenceNr % EVENTS_A_SNAPSHOT >= EVENTS_WORTH_A_PARTING
                && state.map(DomainState::examplesKnown).orElse(0) <= EXAMPLES_WORTH_A_PARTING
                && Departure.isUnderWay(context.getSystem());
        parted = parted || parting;
        return parting;
    }

    @Override
    public Set<String> tagsFor(DomainEvent event) {
        return Set.of(DomainEvent.TAG);
    }

    @Override
    public SnapshotAdapter<Optional<DomainState>> snapshotAdapter() {
        return new DomainSnapshots();
    }
}
