package dev.perennial;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.perennial.settings.ClusterSettings;
import dev.perennial.settings.NodeRole;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.JoinSeedNodes;

/** How a node comes into its cluster, and why it was put out of it. */
final class ClusterMembership {
    static final String SYSTEM = "perennial";
    /** Longer than a first start of the founder takes, its database included. */
    static final Duration JOINING = Duration.ofMinutes(3);

    private final ActorSystem<?> system;
    private final ClusterSettings settings;
    private boolean joined;

    ClusterMembership(ActorSystem<?> system, ClusterSettings settings) {
        this.system = system;
        this.settings = settings;
    }

    /** What the actor system is told of these settings. */
    static Config config(ClusterSettings settings) {
        Map<String, Object> values = new HashMap<>();
        values.put(
                "pekko.cluster.roles",
                settings.roles().stream().map(NodeRole::text).sorted().toList());
        // Sharding allocates to the newest where versions differ, so that a domain does not move to a node that is to
        // stop next.
        values.put("pekko.cluster.app-version", settings.protocol().announcement());
        values.put("pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes", JOINING);
        values.put("pekko.remote.artery.canonical.hostname", settings.host());
        values.put("pekko.remote.artery.canonical.port", settings.port());
        settings.bindHost().ifPresent(host -> values.put("pekko.remote.artery.bind.hostname", host));
        return ConfigFactory.parseMap(values, "perennial.cluster");
    }

    /**
     * Waits, on a node that is not to be the first of its cluster, until it has joined it. The first makes the tables before there is
     * a cluster, so that several nodes of a first start do not make them at the same time, which Cassandra takes badly.
     *
     * @throws StartException where no cluster took this node
     */
    void awaitFounder() {
        if (!founds()) {
            join();
            awaitUp();
        }
    }

    private boolean founds() {
        return settings.seeds().isEmpty()
                ? system.settings()
                        .config()
                        .getStringList("pekko.cluster.seed-nodes")
                        .isEmpty()
                : settings.seeds().get(0).equals(settings.host() + ":" + settings.port());
    }

    /** Does nothing the second time. */
    void join() {
        if (joined) {
            return;
        }
        joined = true;
        Cluster cluster = Cluster.get(system);
        if (!settings.seeds().isEmpty()) {
            List<Address> seeds = settings.seeds().stream()
                    .map(seed -> AddressFromURIString.parse("pekko://" + SYSTEM + "@" + seed))
                    .toList();
            cluster.manager().tell(new JoinSeedNodes(seeds));
        } else if (founds()) {
            cluster.manager().tell(Join.create(cluster.selfMember().address()));
        }
        // Else Pekko itself joins the seed nodes of its own configuration.
    }

    /** @throws StartException where no cluster took this node */
    void awaitUp() {
        CompletableFuture<Done> up = new CompletableFuture<>();
        org.apache.pekko.cluster.Cluster.get(system).registerOnMemberUp(() -> up.complete(Done.getInstance()));
        CompletionStage<Done> terminated = system.getWhenTerminated();
        terminated.whenComplete((done, failure) -> up.completeExceptionally(
                new StartException(putOut().orElse("the node was stopped while it joined the cluster"))));
        try {
            up.join();
        } catch (java.util.concurrent.CompletionException e) {
            throw e.getCause() instanceof StartException told ? told : e;
        }
    }

    /** Why this node left, where nobody had told it to. */
    Optional<String> putOut() {
        return CoordinatedShutdown.get(system).getShutdownReason().flatMap(reason -> {
            if (reason instanceof CoordinatedShutdown.ClusterJoinUnsuccessfulReason$) {
                return Optional.of("no cluster was found at " + String.join(", ", settings.seeds()) + " within "
                        + JOINING.toMinutes() + " minutes");
            }
            if (reason instanceof CoordinatedShutdown.ClusterDowningReason$) {
                return Optional.of("the cluster went on without this node, which it could not reach; start it again");
            }
            if (reason instanceof Fence.Closed closed) {
                return Optional.of(closed.why() + "; start it again");
            }
            return Optional.empty();
        });
    }
}
