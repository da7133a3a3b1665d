package dev.perennial.scheduler;

import dev.perennial.domain.Placement;
import dev.perennial.domain.Preemption;
import dev.perennial.domain.QueueViews;
import dev.perennial.domain.SchedulerDecisions;
import dev.perennial.domain.SchedulerSettings;
import dev.perennial.domain.SchedulerState;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot;
import dev.perennial.protocols.TrainerCommand;
import dev.perennial.protocols.UpdateId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.RecipientRef;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * The cluster's one scheduler. All rules are in {@link SchedulerDecisions}; here their events are journaled, trainers are
 * told, and updates that have used up their attempts are failed in their domains before they are forgotten.
 *
 * <p>A trainer sends a heartbeat at least three times within a lease timeout, and {@code LeaseFinished} before the first
 * heartbeat without its lease: one that has shown a lease and shows none has lost it.
 *
 * <p>What is fenced: every grant is journaled under a larger token before the trainer hears of it, and the domain takes nothing
 * under an older one, so that two trainers that both believe to hold a lease cannot both have an effect. Commands and replies
 * may be lost or come twice: heartbeats repeat what matters, and each command is known by the lease that it is about.
 */
public final class Scheduler extends EventSourcedBehavior<SchedulerMessage, SchedulerEvent, SchedulerState> {
    public static final String NAME = "scheduler";

    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration DOMAIN_PATIENCE = Duration.ofSeconds(5);
    /** A database that is back is noticed within an ask's patience. */
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    /** Of domains or updates after a start: each may have to be read back for it, on nodes that have requests to answer. */
    private static final int ASKED_AT_A_TIME = 16;

    private static final int EVENTS_A_SNAPSHOT = 200;
    private static final int SNAPSHOTS_KEPT = 2;

    private final ActorContext<SchedulerMessage> context;
    private final TimerScheduler<SchedulerMessage> timers;
    private final SchedulerSettings settings;
    private final Function<DomainId, RecipientRef<DomainEnvelope>> domains;
    private final Supplier<CompletionStage<List<DomainId>>> knownDomains;
    private final InstantSource clock;
    private final Trainers trainers;
    private final Foreseen foreseen = new Foreseen();
    private final Set<UpdateId> asking = new HashSet<>();
    private final Round<UpdateId> checks =
            new Round<>(ASKED_AT_A_TIME, update -> ask(update, new DomainCommand.ShowUpdate(update)));
    private final Round<DomainId> waking = new Round<>(ASKED_AT_A_TIME, this::wake);
    private boolean domainsToWake = true;

    /**
     * @param domains the way to a domain's entity
     * @param knownDomains all domains that there are; each is woken when the scheduler starts and when domains have lost their node, so
     *     that it tells again what this scheduler may not have heard
     * @param losses is given what is to run when that happens, on any thread
     * @param nanos by which a silence is measured, as of {@link System#nanoTime()}
     */
    public static Behavior<SchedulerCommand> create(
            SchedulerSettings settings,
            Function<DomainId, RecipientRef<DomainEnvelope>> domains,
            Supplier<CompletionStage<List<DomainId>>> knownDomains,
            Consumer<Runnable> losses,
            InstantSource clock,
            LongSupplier nanos) {
        Behavior<SchedulerMessage> scheduler = Behaviors.setup(context -> {
            ActorRef<SchedulerMessage> self = context.getSelf();
            losses.accept(() -> self.tell(new SchedulerMessage.NodeLost()));
            return Behaviors.withTimers(
                    timers -> new Scheduler(context, timers, settings, domains, knownDomains, clock, nanos));
        });
        return Behaviors.transformMessages(
                SchedulerCommand.class,
                scheduler,
                match -> match.match(SchedulerCommand.class, SchedulerMessage.Asked::new));
    }

    private Scheduler(
            ActorContext<SchedulerMessage> context,
            TimerScheduler<SchedulerMessage> timers,
            SchedulerSettings settings,
            Function<DomainId, RecipientRef<DomainEnvelope>> domains,
            Supplier<CompletionStage<List<DomainId>>> knownDomains,
            InstantSource clock,
            LongSupplier nanos) {
        super(
                PersistenceId.ofUniqueId(NAME),
                SupervisorStrategy.restartWithBackoff(Duration.ofSeconds(1), LONGEST_BACKOFF, 0.2));
        this.context = context;
        this.timers = timers;
        this.settings = settings;
        this.domains = domains;
        this.knownDomains = knownDomains;
        this.clock = clock;
        this.trainers = new Trainers(nanos);
    }

    @Override
    public SchedulerState emptyState() {
        return SchedulerState.EMPTY;
    }

    @Override
    public CommandHandler<SchedulerMessage, SchedulerEvent, SchedulerState> commandHandler() {
        return newCommandHandlerBuilder()
                .forAnyState()
                .onCommand(SchedulerMessage.Asked.class, (state, asked) -> serve(state, asked.command()))
                .onCommand(SchedulerMessage.Tick.class, (state, tick) -> tick(state))
                .onCommand(SchedulerMessage.DomainAnswered.class, this::domainAnswered)
                .onCommand(SchedulerMessage.DomainsListed.class, (state, listed) -> listed(listed))
                .onCommand(SchedulerMessage.DomainWoken.class, (state, woken) -> woken(woken))
                .onCommand(SchedulerMessage.NodeLost.class, (state, lost) -> lost())
                .build();
    }

    private Effect<SchedulerEvent, SchedulerState> serve(SchedulerState state, SchedulerCommand command) {
        Instant now = clock.instant();
        if (command instanceof SchedulerCommand.Enqueue enqueue) {
            return commit(
                    state,
                    SchedulerDecisions.enqueue(state, enqueue.request(), now),
                    now,
                    () -> enqueue.replyTo()
                            .tell(new SchedulerCommand.Acknowledged(
                                    enqueue.request().id())));
        } else if (command instanceof SchedulerCommand.Withdraw withdraw) {
            return commit(
                    state,
                    SchedulerDecisions.close(state, withdraw.update(), withdraw.reason(), withdraw.trained(), now),
                    now,
                    () -> withdraw.replyTo().tell(new SchedulerCommand.Acknowledged(withdraw.update())));
        } else if (command instanceof SchedulerCommand.TrainerAlive alive) {
            return trainerAlive(state, alive, now);
        } else if (command instanceof SchedulerCommand.LeaseFinished finished) {
            List<SchedulerEvent> ends =
                    SchedulerDecisions.finish(state, finished.trainer(), finished.lease(), finished.failure(), now);
            boolean failed = ends.stream().anyMatch(SchedulerEvent.LeaseEnded.class::isInstance);
            trainers.ended(finished.trainer(), failed, settings.backoff());
            return commit(state, ends, now, () -> {});
        } else if (command instanceof SchedulerCommand.ReturnLease back) {
            trainers.finished(back.trainer());
            return commit(
                    state,
                    SchedulerDecisions.giveBack(state, back.trainer(), back.lease(), back.reason(), now),
                    now,
                    () -> back.replyTo()
                            .tell(new SchedulerCommand.Acknowledged(back.lease().update())));
        } else if (command instanceof SchedulerCommand.ShowQueue show) {
            show.replyTo().tell(QueueViews.view(state, settings, trainers.shown(), show.limit(), now));
            return Effect().none();
        }
        throw new AssertionError(command);
    }

    private Effect<SchedulerEvent, SchedulerState> trainerAlive(
            SchedulerState state, SchedulerCommand.TrainerAlive alive, Instant now) {
        trainers.heard(alive, now);
        String trainer = alive.trainer();
        Optional<Lease> held = state.leaseOf(trainer);
        List<SchedulerEvent> events = new ArrayList<>();
        if (alive.lease().isPresent()) {
            Lease shown = alive.lease().get();
            if (state.holds(trainer, shown)) {
                trainers.renew(shown);
                // Whoever was asked to stop may not have heard it.
                state.find(shown.update())
                        .flatMap(SchedulerSnapshot.Entry::yieldsTo)
                        .ifPresent(
                                urgent -> trainers.tell(trainer, new TrainerCommand.Pause(shown, yieldReason(urgent))));
            } else {
                trainers.tell(trainer, new TrainerCommand.Stop(shown, "the lease is over"));
            }
        } else if (held.isPresent() && trainers.hasTaken(held.get())) {
            events.addAll(SchedulerDecisions.end(trainer, held.get(), "restarted and lost its lease", now));
        } else if (held.isPresent() && alive.draining()) {
            events.addAll(SchedulerDecisions.giveBack(state, trainer, held.get(), "the trainer takes no more", now));
        } else if (held.isPresent()) {
            trainers.tell(trainer, new TrainerCommand.Train(held.get()));
        }
        return commit(state, events, now, () -> {});
    }

    /** Journals events together with the grants that they make possible, then tells whom they concern. */
    private Effect<SchedulerEvent, SchedulerState> commit(
            SchedulerState state, List<SchedulerEvent> decided, Instant now, Runnable acknowledge) {
        return commit(state, decided, now, acknowledge, !decided.isEmpty());
    }

    /** @param changed whether another update may have to stop than a moment before, which takes long to find out where many run */
    private Effect<SchedulerEvent, SchedulerState> commit(
            SchedulerState state, List<SchedulerEvent> decided, Instant now, Runnable acknowledge, boolean changed) {
        foreseen.begin();
        SchedulerState next = foreseen.apply(state, decided);
        List<SchedulerEvent> events = new ArrayList<>(decided);
        List<Placement.Trainer> able = trainers.able(next, settings.heartbeat());
        List<SchedulerEvent> grants = SchedulerDecisions.grant(next, settings, next.idle(able), now);
        events.addAll(grants);
        if (changed) {
            // What could begin and was not granted fits none of the trainers that are idle.
            events.addAll(Preemption.preempt(foreseen.apply(next, grants), settings, able, now));
        }
        return Effect().persist(events).thenRun(after -> {
            events.forEach(event -> follow(state, event));
            acknowledge.run();
        });
    }

    private void follow(SchedulerState before, SchedulerEvent event) {
        if (event instanceof SchedulerEvent.LeaseGranted granted) {
            trainers.granted(granted.trainer(), new Lease(granted.update(), granted.token()));
        } else if (event instanceof SchedulerEvent.LeaseEnded ended) {
            stopHolder(before, ended.update(), ended.reason());
            checks.add(List.of(ended.update()));
        } else if (event instanceof SchedulerEvent.PreemptionAsked asked) {
            tellHolder(before, asked.update(), lease -> new TrainerCommand.Pause(lease, yieldReason(asked.urgent())));
        } else if (event instanceof SchedulerEvent.LeaseYielded yielded) {
            checks.add(List.of(yielded.update()));
        } else if (event instanceof SchedulerEvent.LeaseReturned returned) {
            checks.add(List.of(returned.update()));
        } else if (event instanceof SchedulerEvent.RequestRemoved removed) {
            stopHolder(before, removed.update(), removed.reason());
        }
    }

    private static String yieldReason(UpdateId urgent) {
        return "to go on later, in favour of " + urgent;
    }

    private void stopHolder(SchedulerState before, UpdateId update, String reason) {
        tellHolder(before, update, lease -> new TrainerCommand.Stop(lease, reason));
    }

    private void tellHolder(SchedulerState before, UpdateId update, Function<Lease, TrainerCommand> command) {
        before.find(update)
                .ifPresent(entry -> entry.trainer()
                        .ifPresent(trainer -> trainers.tell(trainer, command.apply(new Lease(update, entry.token())))));
    }

    private Effect<SchedulerEvent, SchedulerState> tick(SchedulerState state) {
        Instant now = clock.instant();
        trainers.prune(state, settings.leaseTimeout());
        SchedulerDecisions.exhausted(state, settings).forEach(fail -> ask(fail.update(), fail));
        if (domainsToWake) {
            listDomains();
        }
        return commit(state, SchedulerDecisions.expire(state, settings, trainers.silences(), now), now, () -> {}, true);
    }

    /** One question an update at a time. */
    private void ask(UpdateId update, DomainCommand command) {
        if (asking.add(update)) {
            context.<DomainEnvelope, DomainReply>ask(
                    DomainReply.class,
                    domains.apply(update.domain()),
                    DOMAIN_PATIENCE,
                    replyTo -> new DomainEnvelope(command, replyTo),
                    (reply, failure) ->
                            new SchedulerMessage.DomainAnswered(update, command, Optional.ofNullable(reply)));
        }
    }

    private Effect<SchedulerEvent, SchedulerState> domainAnswered(
            SchedulerState state, SchedulerMessage.DomainAnswered answered) {
        UpdateId update = answered.update();
        asking.remove(update);
        checks.answered(
                update, answered.reply().isPresent() || state.find(update).isEmpty());
        Instant now = clock.instant();
        DomainReply reply = answered.reply().orElse(null);
        if (reply instanceof DomainReply.UpdateShown shown
                && shown.update().state().isFinal()) {
            String reason = "it is " + shown.update().state().name().toLowerCase(Locale.ROOT);
            return commit(state, SchedulerDecisions.remove(state, update, reason, now), now, () -> {});
        }
        if (reply instanceof DomainReply.Refused refused) {
            if (refused.problem().kind() == Problem.Kind.NOT_FOUND) {
                return commit(
                        state,
                        SchedulerDecisions.remove(
                                state, update, refused.problem().message(), now),
                        now,
                        () -> {});
            }
            if (answered.asked() instanceof DomainCommand.FailUpdate) {
                checks.add(List.of(update));
            }
        }
        return Effect().none();
    }

    private void listDomains() {
        domainsToWake = false;
        context.pipeToSelf(
                knownDomains.get(),
                (listed, failure) -> new SchedulerMessage.DomainsListed(Optional.ofNullable(listed)));
    }

    private Effect<SchedulerEvent, SchedulerState> listed(SchedulerMessage.DomainsListed listed) {
        if (listed.domains().isEmpty()) {
            context.getLog().warn("The domains could not be listed; the next tick tries again.");
            domainsToWake = true;
        }
        waking.add(listed.domains().orElse(List.of()));
        return Effect().none();
    }

    private void wake(DomainId domain) {
        context.<DomainEnvelope, DomainReply>ask(
                DomainReply.class,
                domains.apply(domain),
                DOMAIN_PATIENCE,
                replyTo -> new DomainEnvelope(new DomainCommand.ShowDomain(), replyTo),
                (reply, failure) -> new SchedulerMessage.DomainWoken(domain, reply != null));
    }

    private Effect<SchedulerEvent, SchedulerState> woken(SchedulerMessage.DomainWoken woken) {
        waking.answered(woken.domain(), woken.answered());
        return Effect().none();
    }

    /** What its domains had acknowledged and not told yet waits for somebody to start them elsewhere. */
    private Effect<SchedulerEvent, SchedulerState> lost() {
        domainsToWake = true;
        return Effect().none();
    }

    @Override
    public EventHandler<SchedulerState, SchedulerEvent> eventHandler() {
        return newEventHandlerBuilder().forAnyState().onAnyEvent(foreseen::apply);
    }

    @Override
    public SignalHandler<SchedulerState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.class, (state, signal) -> recovered(state))
                .build();
    }

    private void recovered(SchedulerState state) {
        asking.clear();
        checks.clear();
        waking.clear();
        trainers.restart(state.held());
        checks.add(state.entries().values().stream()
                .map(entry -> entry.request().id())
                .toList());
        listDomains();
        timers.startTimerWithFixedDelay(new SchedulerMessage.Tick(), TICK);
    }

    @Override
    public RetentionCriteria retentionCriteria() {
        return RetentionCriteria.snapshotEvery(EVENTS_A_SNAPSHOT, SNAPSHOTS_KEPT);
    }

    @Override
    public Set<String> tagsFor(SchedulerEvent event) {
        return Set.of(SchedulerEvent.TAG);
    }

    @Override
    public SnapshotAdapter<SchedulerState> snapshotAdapter() {
        return new SnapshotAdapter<>() {
            @Override
            public Object toJournal(SchedulerState state) {
                return state.toSnapshot();
            }

            @Override
            public SchedulerState fromJournal(Object snapshot) {
                return SchedulerState.fromSnapshot((SchedulerSnapshot) snapshot);
            }
        };
    }
}
