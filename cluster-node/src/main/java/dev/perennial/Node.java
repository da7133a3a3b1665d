package dev.perennial;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.perennial.http.HttpApi;
import dev.perennial.http.HttpServer;
import dev.perennial.http.Readiness;
import dev.perennial.intake.Deadline;
import dev.perennial.persistence.CassandraSettings;
import dev.perennial.persistence.embedded.EmbeddedCassandra;
import dev.perennial.persistence.embedded.EmbeddedCassandraSettings;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.settings.Settings;
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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * One node: database connection (and the database itself where none is configured), cluster member, and what its roles ask
 * for. Starting blocks until the node answers; closing stops it in the opposite order.
 */
final class Node implements AutoCloseable {
    private static final Duration WARM_UP = Duration.ofSeconds(60);
    /** How long everything but the trainer may take to stop. */
    private static final Duration STOP = Duration.ofSeconds(60);

    private final Foundation foundation;
    private final ClusterMembership membership;
    private final HttpServer server;

    private Node(Foundation foundation, ClusterMembership membership, HttpServer server) {
        this.foundation = foundation;
        this.membership = membership;
        this.server = server;
    }

    /**
     * What has to be closed in good order, also where the node is told to end before it is ready: it may hold domains by then.
     *
     * @param stopping how long its actor system may take
     */
    private record Foundation(
            Optional<EmbeddedCassandra> cassandra, Stores stores, ActorSystem<Void> system, Duration stopping) {
        /**
         * Closes it when its process is told to end. Not by a hook beside those of coordinated shutdown: remoting waits for these
         * alone, and would cut the node off from the cluster before it has handed over what it holds.
         */
        Cancellable closedOnExit() {
            return CoordinatedShutdown.get(system).addCancellableJvmShutdownHook(this::close);
        }

        void close() {
            CoordinatedShutdown.get(system)
                    .runAll(CoordinatedShutdown.jvmExitReason())
                    .toCompletableFuture()
                    .completeOnTimeout(Done.getInstance(), stopping.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            stores.close();
            cassandra.ifPresent(EmbeddedCassandra::close);
        }
    }

    /**
     * Starts a node that ends in good order when its process is told to.
     *
     * @param config resolved, with the references as its last fallback
     * @param progress gets a line for each stage of the start
     * @throws StartException saying what to do about it
     */
    static Node start(Config config, Consumer<String> progress) {
        Settings settings = Settings.from(config);
        requireOneDatabase(settings);
        requireFreePort(settings);
        makeDataDirectory(settings.data());
        Engine.Opening engine = new Engine.Opening(settings);
        if (settings.base().isPresent()) {
            // A base of the user's own may be wrong, which should be said before a database is started for it.
            engine.await();
        }
        Optional<EmbeddedCassandra> cassandra = Optional.empty();
        try {
            if (settings.cassandra().contactPoints().isEmpty()) {
                progress.accept("starting the embedded Cassandra in " + settings.data());
                cassandra = Optional.of(startCassandra(settings));
            }
            progress.accept(
                    settings.cluster().computes()
                            ? "opening the base model and joining the cluster"
                            : "joining the cluster");
            return start(settings, config, cassandra, engine);
        } catch (RuntimeException e) {
            cassandra.ifPresent(EmbeddedCassandra::close);
            throw e;
        }
    }

    private static Node start(
            Settings settings, Config config, Optional<EmbeddedCassandra> cassandra, Engine.Opening engine) {
        CassandraSettings database = database(settings, cassandra);
        Config all = ConfigFactory.parseString("pekko.coordinated-shutdown.run-by-jvm-shutdown-hook = off")
                .withFallback(ClusterMembership.config(settings.cluster()))
                .withFallback(database.config())
                .withFallback(config)
                .resolve();
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), ClusterMembership.SYSTEM, all);
        try {
            ClusterMembership membership = new ClusterMembership(system, settings.cluster());
            Stores stores = Stores.open(
                    database,
                    settings.data().resolve("artifacts"),
                    Wiring.dispatcher(system, "blocking"),
                    membership::awaitFounder);
            Foundation foundation = new Foundation(
                    cassandra, stores, system, settings.training().drainGrace().plus(STOP));
            Cancellable onExit = foundation.closedOnExit();
            try {
                ClusterProtocol protocol = new ClusterProtocol(
                        system,
                        stores.protocols(),
                        settings.cluster().protocol(),
                        ClusterProtocol.requireKnown(stores.protocols()));
                HttpServer server = serve(settings, system, stores, engine, membership, protocol);
                return new Node(foundation, membership, server);
            } catch (RuntimeException e) {
                onExit.cancel();
                stores.close();
                throw e;
            }
        } catch (RuntimeException e) {
            system.terminate();
            throw e;
        }
    }

    private static Clock clock(Settings settings) {
        return settings.clockOffsetFile().<Clock>map(OffsetClock::new).orElseGet(Clock::systemUTC);
    }

    /** The server is there as soon as it can say that the node is alive, and the node ready once it has been of use. */
    private static HttpServer serve(
            Settings settings,
            ActorSystem<Void> system,
            Stores stores,
            Engine.Opening engine,
            ClusterMembership membership,
            ClusterProtocol protocol) {
        Readiness readiness = new Readiness();
        Wiring wiring = new Wiring(settings, system, stores, protocol, clock(settings));
        HttpApi api = wiring.start(engine.await(), readiness, protocol);
        HttpServer server = HttpServer.start(system, api.route(), settings.http(), readiness)
                .toCompletableFuture()
                .join();
        // As soon as it is a member, domains move here from nodes that answer for them.
        await(wiring.warmUp(), WARM_UP);
        membership.join(stores.members());
        membership.stay(stores.members(), wiring::acts);
        protocol.keep();
        await(wiring.domains().ask(Wiring.NOBODY, new DomainCommand.ShowDomain()), WARM_UP);
        readiness.started();
        return server;
    }

    /** What is not there in time, or fails, is not waited for any longer: whoever asks next is told why. */
    private static void await(CompletionStage<?> stage, Duration limit) {
        Deadline.ended(limit, stage).toCompletableFuture().join();
    }

    private static CassandraSettings database(Settings settings, Optional<EmbeddedCassandra> cassandra) {
        return cassandra
                .map(embedded -> CassandraSettings.embedded(embedded.contactPoint()))
                .orElseGet(() -> new CassandraSettings(
                        settings.cassandra().contactPoints(),
                        settings.cassandra().localDatacenter(),
                        settings.cassandra().keyspace(),
                        settings.cassandra().replicationFactor(),
                        settings.cassandra().requestTimeout(),
                        settings.cassandra().credentials().map(Node::credentials)));
    }

    private static CassandraSettings.Credentials credentials(Path directory) {
        try {
            return new CassandraSettings.Credentials(
                    Files.readString(directory.resolve("username")).strip(),
                    Files.readString(directory.resolve("password")).strip());
        } catch (IOException e) {
            throw new StartException(
                    "perennial.cassandra.credentials: expected the files username and password in " + directory + "; "
                            + e,
                    e);
        }
    }

    private static EmbeddedCassandra startCassandra(Settings settings) {
        try {
            return EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(settings.data()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the embedded Cassandra started", e);
        }
    }

    /** A node that joined others with a database of its own would not know their domains. */
    private static void requireOneDatabase(Settings settings) {
        if (settings.cluster().joinsOthers()
                && settings.cassandra().contactPoints().isEmpty()) {
            throw new StartException(
                    "perennial.cluster.seeds names other nodes, so perennial.cassandra.contact-points has to"
                            + " name the database that they use; an embedded one is for a node alone");
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

    /** Completes with the reason where the node ended though nobody had told it to. */
    CompletionStage<Optional<String>> terminated() {
        return foundation.system().getWhenTerminated().thenApply(done -> membership.putOut());
    }

    @Override
    public void close() {
        foundation.close();
    }
}
