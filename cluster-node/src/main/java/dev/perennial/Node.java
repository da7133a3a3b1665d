package dev.perennial;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.perennial.entity.DomainEntity;
import dev.perennial.http.Domains;
import dev.perennial.http.Gateways;
import dev.perennial.http.HttpApi;
import dev.perennial.http.HttpServer;
import dev.perennial.http.Readiness;
import dev.perennial.intake.ExampleIntake;
import dev.perennial.intake.FeedbackIntake;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.TorchEngine;
import dev.perennial.persistence.CassandraSettings;
import dev.perennial.persistence.embedded.EmbeddedCassandra;
import dev.perennial.persistence.embedded.EmbeddedCassandraSettings;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.ServingCommand;
import dev.perennial.scheduler.Scheduler;
import dev.perennial.serving.Serving;
import dev.perennial.settings.Settings;
import dev.perennial.trainer.AdapterStore;
import dev.perennial.trainer.Trainer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.SingletonActor;

/**
 * One node with all roles: database connection (and the database itself where none is configured), cluster member, domains,
 * scheduler, trainer, serving, HTTP. Starting blocks until the node answers; closing stops it in the opposite order.
 */
final class Node implements AutoCloseable {
    private static final String SYSTEM = "perennial";
    private static final Duration WARM_UP = Duration.ofSeconds(60);

    private final Optional<EmbeddedCassandra> cassandra;
    private final Stores stores;
    private final ActorSystem<Void> system;
    private final HttpServer server;

    private Node(Optional<EmbeddedCassandra> cassandra, Stores stores, ActorSystem<Void> system, HttpServer server) {
        this.cassandra = cassandra;
        this.stores = stores;
        this.system = system;
        this.server = server;
    }

    /**
     * @param config resolved, with the references as its last fallback
     * @param progress gets a line for each stage of the start
     * @throws StartException saying what to do about it
     */
    static Node start(Config config, Consumer<String> progress) {
        Settings settings = Settings.from(config);
        requireFreePort(settings);
        makeDataDirectory(settings.data());
        CompletableFuture<Engine> engine = CompletableFuture.supplyAsync(() -> openEngine(settings));
        if (settings.base().isPresent()) {
            // A base of the user's own may be wrong, which should be said before a database is started for it.
            opened(engine);
        }
        Optional<EmbeddedCassandra> cassandra = Optional.empty();
        try {
            if (settings.cassandra().contactPoints().isEmpty()) {
                progress.accept("starting the embedded Cassandra in " + settings.data());
                cassandra = Optional.of(startCassandra(settings));
            }
            progress.accept("opening the base model and joining the cluster");
            return start(settings, config, cassandra, engine);
        } catch (RuntimeException e) {
            cassandra.ifPresent(EmbeddedCassandra::close);
            throw e;
        }
    }

    private record Engine(BaseModel base, Path directory) {}

    private static Engine openEngine(Settings settings) {
        TorchEngine.load(settings.engine().threads());
        Path directory = settings.base().orElseGet(() -> EmbeddedBase.extract(settings.data()));
        return new Engine(
                BaseModel.open(directory, TorchEngine.device(settings.engine().device())), directory);
    }

    private static Engine opened(CompletableFuture<Engine> opening) {
        try {
            return opening.join();
        } catch (CompletionException e) {
            throw explained(e);
        }
    }

    private static RuntimeException explained(CompletionException e) {
        if (e.getCause() instanceof RuntimeException known) {
            return known;
        }
        return new StartException(
                String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()), e);
    }

    private static Node start(
            Settings settings,
            Config config,
            Optional<EmbeddedCassandra> cassandra,
            CompletableFuture<Engine> opening) {
        CassandraSettings database = database(settings, cassandra);
        Config all = ConfigFactory.parseString("pekko.coordinated-shutdown.run-by-jvm-shutdown-hook = off")
                .withFallback(database.config())
                .withFallback(config)
                .resolve();
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), SYSTEM, all);
        try {
            Cluster cluster = Cluster.get(system);
            if (all.getStringList("pekko.cluster.seed-nodes").isEmpty()) {
                cluster.manager().tell(Join.create(cluster.selfMember().address()));
            }
            Executor blocking = dispatcher(system, "blocking");
            Stores stores = Stores.open(database, settings.data().resolve("artifacts"), blocking);
            try {
                HttpServer server = wire(settings, system, stores, opening.join());
                return new Node(cassandra, stores, system, server);
            } catch (RuntimeException e) {
                stores.close();
                throw e;
            }
        } catch (CompletionException e) {
            system.terminate();
            throw explained(e);
        } catch (RuntimeException e) {
            system.terminate();
            throw e;
        }
    }

    /** Brings the actors and the routes together. */
    private static HttpServer wire(Settings settings, ActorSystem<Void> system, Stores stores, Engine engine) {
        Clock clock = Clock.systemUTC();
        AdapterStore adapters = stores.adapters(engine.base());
        ClusterSharding sharding = ClusterSharding.get(system);
        Domains domains =
                new ShardedDomains(sharding, stores.domains(), settings.http().askTimeout());
        ActorRef<SchedulerCommand> scheduler = ClusterSingleton.get(system)
                .init(SingletonActor.of(
                        Scheduler.create(
                                settings.scheduler(),
                                domain -> sharding.entityRefFor(DomainEntity.KEY, domain.value()),
                                domains::list,
                                clock),
                        Scheduler.NAME));
        sharding.init(
                DomainEntity.of(system, scheduler, stores.exampleRemoval(clock), stores.artifactRemoval(), clock));
        system.systemActorOf(
                Trainer.create(
                        Cluster.get(system).selfMember().address().toString(),
                        scheduler,
                        engine.base(),
                        engine.directory(),
                        domains,
                        stores.exampleSource(),
                        adapters,
                        dispatcher(system, "training"),
                        settings.training().heartbeatInterval()),
                "trainer",
                org.apache.pekko.actor.typed.Props.empty());
        ActorRef<ServingCommand> serving = system.systemActorOf(
                Serving.create(new Serving.Parts(
                        engine.base(),
                        domains,
                        adapters::load,
                        stores.completionLog(),
                        dispatcher(system, "generation"),
                        settings.serving().loadedVersions(),
                        settings.serving().batchRows(),
                        settings.serving().waitingRequests(),
                        clock)),
                "serving",
                org.apache.pekko.actor.typed.Props.empty());
        ExampleIntake examples = new ExampleIntake(
                stores.exampleRows(),
                domains,
                settings.intake(),
                settings.http().askTimeout(),
                clock,
                system);
        FeedbackIntake feedback = new FeedbackIntake(
                stores.completionLookup(), stores.feedbackRows(), examples, settings.intake(), clock, system);
        Readiness readiness = new Readiness();
        HttpApi api = new HttpApi(
                new Gateways(domains, scheduler, serving, examples, feedback, stores::archive),
                settings.http(),
                readiness,
                clock,
                () -> UUID.randomUUID().toString(),
                system);
        HttpServer server = HttpServer.start(system, api.route(), settings.http(), readiness)
                .toCompletableFuture()
                .join();
        warmUp(domains);
        readiness.started();
        return server;
    }

    /** The journal makes its tables and statements with the first recovery; nobody's first request waits for that. */
    private static void warmUp(Domains domains) {
        domains.ask(new DomainId("warm-up"), new DomainCommand.ShowDomain())
                .toCompletableFuture()
                .completeOnTimeout(
                        new dev.perennial.protocols.DomainReply.Done(), WARM_UP.toSeconds(), TimeUnit.SECONDS)
                .exceptionally(late -> new dev.perennial.protocols.DomainReply.Done())
                .join();
    }

    private static Executor dispatcher(ActorSystem<?> system, String name) {
        return system.dispatchers().lookup(DispatcherSelector.fromConfig("perennial-dispatchers." + name));
    }

    private static CassandraSettings database(Settings settings, Optional<EmbeddedCassandra> cassandra) {
        return cassandra
                .map(embedded -> CassandraSettings.embedded(embedded.contactPoint()))
                .orElseGet(() -> new CassandraSettings(
                        settings.cassandra().contactPoints(),
                        settings.cassandra().localDatacenter(),
                        settings.cassandra().keyspace(),
                        settings.cassandra().replicationFactor(),
                        settings.cassandra().requestTimeout()));
    }

    private static EmbeddedCassandra startCassandra(Settings settings) {
        try {
            return EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(settings.data()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the embedded Cassandra started", e);
        }
    }

    private static void requireFreePort(Settings settings) {
        String host = settings.http().host();
        int port = settings.http().port();
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (IOException e) {
            throw new StartException(
                    "cannot listen on " + host + ":" + port + ": " + e.getMessage() + "; choose another with --port",
                    e);
        }
    }

    private static void makeDataDirectory(Path data) {
        if (Files.exists(data) && !Files.isDirectory(data)) {
            throw new StartException(data + " is not a directory; choose another with --data");
        }
        try {
            Files.createDirectories(data);
        } catch (IOException e) {
            throw new StartException("cannot make the data directory " + data + ": " + e, e);
        }
    }

    /** Where clients reach the node. */
    URI address() {
        InetSocketAddress bound = server.address();
        String host = bound.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : bound.getAddress().getHostAddress();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + bound.getPort());
    }

    CompletionStage<?> terminated() {
        return system.getWhenTerminated();
    }

    @Override
    public void close() {
        CoordinatedShutdown.get(system)
                .runAll(CoordinatedShutdown.jvmExitReason())
                .toCompletableFuture()
                .completeOnTimeout(org.apache.pekko.Done.getInstance(), 60, TimeUnit.SECONDS)
                .join();
        stores.close();
        cassandra.ifPresent(EmbeddedCassandra::close);
    }
}
