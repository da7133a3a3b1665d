package dev.perennial;

import dev.perennial.entity.DomainEntity;
import dev.perennial.entity.DryRun;
import dev.perennial.entity.Rehearsal;
import dev.perennial.http.Domains;
import dev.perennial.http.Gateways;
import dev.perennial.http.HttpApi;
import dev.perennial.http.Readiness;
import dev.perennial.intake.ExampleIntake;
import dev.perennial.intake.FeedbackIntake;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.ServingCommand;
import dev.perennial.scheduler.Scheduler;
import dev.perennial.serving.Serving;
import dev.perennial.settings.NodeRole;
import dev.perennial.settings.Settings;
import dev.perennial.settings.TrainingSettings;
import dev.perennial.trainer.Trainer;
import dev.perennial.trainer.Trainers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityContext;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.ClusterSingletonSettings;
import org.apache.pekko.cluster.typed.SingletonActor;

/** Brings the actors and the routes of a node together, those that its roles ask for. */
final class Wiring {
    /** A name that belongs to no domain, for questions whose answers do not matter. */
    static final DomainId NOBODY = new DomainId("warm-up");

    /** The first costs most; large ones take cores that others may need, as after a crash. */
    private static final int REHEARSED = 2;

    private static final Duration OUTAGE_PAUSE = Duration.ofSeconds(1);
    /** For the lease to be handed back after the grace period. */
    private static final Duration DRAIN_MARGIN = Duration.ofSeconds(5);

    private final Settings settings;
    private final ActorSystem<?> system;
    private final Stores stores;
    private final Clock clock;
    private final ClusterSharding sharding;
    private final Domains domains;
    private final Fence fence;
    private final ActorRef<SchedulerCommand> scheduler;
    /** Set where the scheduler is, and each time it begins anew. */
    private volatile Runnable nodeLost = () -> {};

    private final Entity<DomainEnvelope, ShardingEnvelope<DomainEnvelope>> entity;

    /** Domains and the scheduler are on nodes with the domain role; the others get their proxies. */
    Wiring(Settings settings, ActorSystem<?> system, Stores stores, ClusterProtocol protocol, Clock clock) {
        this.settings = settings;
        this.system = system;
        this.stores = stores;
        this.clock = clock;
        this.sharding = ClusterSharding.get(system);
        this.domains = new ShardedDomains(
                system, stores.domains(), protocol::inCluster, settings.http().askTimeout());
        this.fence = Fence.of(system);
        this.scheduler = scheduler();
        this.entity = DomainEntity.of(
                system, scheduler, stores.exampleRemoval(clock), stores.artifactRemoval(), protocol::inCluster, clock);
        sharding.init(Entity.of(
                        DomainEntity.KEY,
                        context -> fence.guard(entity.createBehavior().apply(context)))
                .withSettings(entity.settings().orElseThrow())
                .withRole(NodeRole.DOMAIN.text()));
    }

    Domains domains() {
        return domains;
    }

    /** Whether this node may still act for what it holds. */
    boolean acts() {
        return !fence.isClosed();
    }

    /**
     * Asks a domain that is none and never was, here and past the sharding: with the first recovery the journal makes its tables and
     * statements. Then it reads back a few that are. Meanwhile a domain lives in memory, as a cluster that has just been founded has none
     * to read back. So the program has loaded what a domain needs, and one that moves here does not wait for that.
     */
    CompletionStage<Done> warmUp() {
        CompletionStage<Void> forms = CompletableFuture.runAsync(
                () -> {
                    MessageForms.prepare(system);
                    if (settings.cluster().has(NodeRole.DOMAIN)) {
                        DryRun.of(system);
                    }
                },
                dispatcher(system, "blocking"));
        return askNobody()
                .thenCompose(asked -> domains.list())
                .thenCompose(this::rehearse)
                .thenCombine(forms, (rehearsed, prepared) -> rehearsed);
    }

    private CompletionStage<Done> rehearse(List<DomainId> all) {
        CompletableFuture<Done> over = new CompletableFuture<>();
        List<DomainId> some = all.stream().limit(REHEARSED).toList();
        Behavior<Void> rehearsal = Rehearsal.of(some, () -> over.complete(Done.getInstance()));
        system.systemActorOf(rehearsal, "rehearsal", Props.empty());
        return over;
    }

    private CompletionStage<Done> askNobody() {
        CompletableFuture<Done> warm = new CompletableFuture<>();
        EntityContext<DomainEnvelope> nobody =
                new EntityContext<>(DomainEntity.KEY, "warm-up-" + UUID.randomUUID(), system.ignoreRef());
        Behavior<DomainReply> asking = Behaviors.setup(context -> {
            context.spawn(entity.createBehavior().apply(nobody), "domain")
                    .tell(new DomainEnvelope(new DomainCommand.ShowDomain(), context.getSelf()));
            return Behaviors.receiveMessage(reply -> {
                warm.complete(Done.getInstance());
                return Behaviors.stopped();
            });
        });
        system.systemActorOf(asking, "warm-up", Props.empty());
        return warm;
    }

    private ActorRef<SchedulerCommand> scheduler() {
        system.systemActorOf(
                MemberEvents.of(ClusterEvent.MemberRemoved.class, this::removed), "removals", Props.empty());
        return ClusterSingleton.get(system)
                .init(SingletonActor.of(
                                fence.guard(Scheduler.create(
                                        settings.scheduler(),
                                        domain -> sharding.entityRefFor(DomainEntity.KEY, domain.value()),
                                        domains::list,
                                        lost -> nodeLost = lost,
                                        clock,
                                        System::nanoTime)),
                                Scheduler.NAME)
                        .withSettings(ClusterSingletonSettings.create(system).withRole(NodeRole.DOMAIN.text())));
    }

    private void removed(Member member) {
        if (member.hasRole(NodeRole.DOMAIN.text())) {
            nodeLost.run();
        }
    }

    /**
     * Starts what the node's roles ask for beyond domains.
     *
     * @param engine there for a node that trains or serves
     * @return what the node answers over HTTP
     */
    HttpApi start(Optional<Engine> engine, Readiness readiness, ClusterProtocol protocol) {
        readiness.fencedBy(fence::isClosed);
        if (settings.cluster().has(NodeRole.TRAINER)) {
            train(engine.orElseThrow(), readiness);
        }
        Optional<ActorRef<ServingCommand>> serving =
                settings.cluster().has(NodeRole.SERVING) ? Optional.of(serve(engine.orElseThrow())) : Optional.empty();
        return settings.cluster().has(NodeRole.API)
                ? api(ServingGroup.of(system, serving), readiness, protocol)
                : HttpApi.ofProbes(readiness, protocol);
    }

    /**
     * Drained while the node still answers, so that a checkpoint reaches its domain and the lease another trainer; not at all once it is
     * fenced, for then no domain takes anything from it.
     */
    private void train(Engine engine, Readiness readiness) {
        TrainingSettings training = settings.training();
        Trainers trainers = new Trainers(
                engine.base(),
                engine.directory(),
                domains,
                stores.exampleSource(),
                stores.adapters(engine.base()),
                stores.checkpoints(),
                settings.data().resolve("training"),
                training.checkpointInterval(),
                OUTAGE_PAUSE,
                training.outagePatience(),
                isolation());
        Trainer.Rules rules = new Trainer.Rules(
                Cluster.get(system).selfMember().address().toString(),
                training.heartbeatInterval(),
                training.hangTimeout(),
                training.drainGrace());
        Trainers.Made made = trainers.trainer(rules, scheduler);
        readiness.trainsWhile(made.usable());
        ActorRef<Trainer.Message> trainer = system.systemActorOf(made.behavior(), "trainer", Props.empty());
        CoordinatedShutdown.get(system)
                .addTask(
                        CoordinatedShutdown.PhaseBeforeServiceUnbind(),
                        "drain-trainer",
                        () -> fence.isClosed()
                                ? CompletableFuture.completedStage(Done.getInstance())
                                : AskPattern.ask(
                                        trainer,
                                        Trainer.Drain::new,
                                        training.drainGrace().plus(DRAIN_MARGIN),
                                        system.scheduler()));
    }

    private Optional<Trainers.Isolation> isolation() {
        return settings.training().isolation() == TrainingSettings.Isolation.PROCESS
                ? Optional.of(new Trainers.Isolation(
                        settings.engine().device(),
                        settings.engine().threads(),
                        settings.training().processOptions()))
                : Optional.empty();
    }

    private ActorRef<ServingCommand> serve(Engine engine) {
        ActorRef<ServingCommand> serving = system.systemActorOf(
                Serving.create(new Serving.Parts(
                        engine.base(),
                        domains,
                        stores.adapters(engine.base())::load,
                        stores.completionLog(),
                        dispatcher(system, "generation"),
                        settings.serving().loadedVersions(),
                        settings.serving().batchRows(),
                        settings.serving().waitingRequests(),
                        clock)),
                "serving",
                Props.empty());
        system.receptionist().tell(Receptionist.register(ServingGroup.KEY, serving));
        return serving;
    }

    private HttpApi api(ServingGroup serving, Readiness readiness, ClusterProtocol protocol) {
        ExampleIntake examples = new ExampleIntake(
                stores.exampleRows(),
                domains,
                settings.intake(),
                settings.http().askTimeout(),
                clock,
                system);
        FeedbackIntake feedback = new FeedbackIntake(
                stores.completionLookup(), stores.feedbackRows(), examples, settings.intake(), clock, system);
        return HttpApi.of(
                new Gateways(domains, scheduler, serving, examples, feedback, stores::archive),
                settings.http(),
                readiness,
                protocol,
                clock,
                () -> UUID.randomUUID().toString(),
                system);
    }

    static Executor dispatcher(ActorSystem<?> system, String name) {
        return system.dispatchers().lookup(DispatcherSelector.fromConfig("perennial-dispatchers." + name));
    }
}
