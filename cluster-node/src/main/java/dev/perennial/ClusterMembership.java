package dev.perennial;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.perennial.entity.Departure;
import dev.perennial.persistence.MemberRegistry;
import dev.perennial.settings.ClusterSettings;
import dev.perennial.settings.NodeRole;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a node comes into its cluster, and why it was put out of it. */
final class ClusterMembership {
    static final String SYSTEM = "perennial";
    /** Longer than a first start of the founder takes, its database included. */
    static final Duration JOINING = Duration.ofMinutes(3);

    private static final Logger LOG = LoggerFactory.getLogger(ClusterMembership.class);
    /** How long a node that says nothing more counts as at work: longer than its fence takes to close. */
    private static final Duration AT_WORK = Duration.ofSeconds(15);

    private static final Duration SAYS_SO = Duration.ofSeconds(3);
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** Between the going of this node's domains and its own; see cluster.conf. */
    static final String PHASE_DOMAINS_SETTLE = "domains-settle";
    /** On two busy cores a domain was read back elsewhere after one to two. */
    private static final Duration SETTLE = Duration.ofSeconds(1);

    private final ActorSystem<?> system;
    private final ClusterSettings settings;
    private boolean joined;

    ClusterMembership(ActorSystem<?> system, ClusterSettings settings) {
        this.system = system;
        this.settings = settings;
        CoordinatedShutdown.get(system).addTask(PHASE_DOMAINS_SETTLE, "domains-settle", this::settle);
    }

    /** Others have to be there that take the domains over, and this node to leave of its own accord. */
    private CompletionStage<Done> settle() {
        CompletableFuture<Done> settled = new CompletableFuture<>();
        if (Departure.isUnderWay(system) && settings.roles().contains(NodeRole.DOMAIN) && othersHaveDomains()) {
            system.scheduler()
                    .scheduleOnce(SETTLE, () -> settled.complete(Done.getInstance()), system.executionContext());
        } else {
            settled.complete(Done.getInstance());
        }
        return settled;
    }

    private boolean othersHaveDomains() {
        Cluster cluster = Cluster.get(system);
        for (Member member : cluster.state().getMembers()) {
            if (!member.equals(cluster.selfMember()) && member.hasRole(NodeRole.DOMAIN.text())) {
                return true;
            }
        }
        return false;
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
        }
    }

    private boolean founds() {
        return settings.seeds().isEmpty()
                ? system.settings()
                        .config()
                        .getStringList("pekko.cluster.seed-nodes")
                        .isEmpty()
                : settings.seeds().get(0).equals(self());
    }

    /**
     * Returns when this node is a member.
     *
     * @throws StartException where no cluster took this node
     */
    void join(MemberRegistry members) {
        if (founds() && !settings.seeds().isEmpty()) {
            Founding founding = new Founding(members);
            founding.run();
            awaitUp(founding);
        } else {
            join();
        }
    }

    /**
     * Pekko would have the founder found a cluster where it reaches no other seed in time. Where it is cut off from a cluster that works
     * with this database that would be a second one, and of each domain's two writers one would lose what it acknowledges. So it founds none
     * beside nodes that say that they are at work, and joins them once it reaches them. Each run looks once.
     */
    private final class Founding implements Runnable {
        private final MemberRegistry members;
        private boolean founds;
        private List<String> joining = List.of();

        Founding(MemberRegistry members) {
            this.members = members;
        }

        @Override
        public void run() {
            if (founds) {
                return;
            }
            try {
                look(members.othersThan(self()).toCompletableFuture().join());
            } catch (CompletionException e) {
                LOG.warn("The database does not say which nodes are at work: {}", String.valueOf(e.getCause()));
            }
        }

        private void look(List<String> others) {
            if (others.isEmpty()) {
                founds = true;
                join(settings.seeds());
            } else if (!others.equals(joining)) {
                joining = others;
                LOG.warn(
                        "{} work with this database: this node joins them, and founds no cluster beside them",
                        String.join(", ", others));
                join(others);
            }
        }
    }

    private String self() {
        return settings.host() + ":" + settings.port();
    }

    /** Does nothing the second time. */
    private void join() {
        if (joined) {
            return;
        }
        joined = true;
        if (!settings.seeds().isEmpty()) {
            join(settings.seeds());
        } else if (founds()) {
            Cluster cluster = Cluster.get(system);
            cluster.manager().tell(Join.create(cluster.selfMember().address()));
        }
        // Else Pekko itself joins the seed nodes of its own configuration.
        awaitUp(() -> {});
    }

    private void join(List<String> nodes) {
        List<Address> addresses = nodes.stream()
                .map(node -> AddressFromURIString.parse("pekko://" + SYSTEM + "@" + node))
                .toList();
        Cluster.get(system).manager().tell(new JoinSeedNodes(addresses));
    }

    /** Says from now on that this node is at work, as long as it is. */
    void stay(MemberRegistry members, BooleanSupplier acts) {
        if (!settings.seeds().isEmpty()) {
            Cluster cluster = Cluster.get(system);
            system.scheduler()
                    .scheduleAtFixedRate(
                            Duration.ZERO,
                            SAYS_SO,
                            () -> {
                                if (acts.getAsBoolean() && cluster.selfMember().status() == MemberStatus.up()) {
                                    members.atWork(self(), AT_WORK);
                                }
                            },
                            system.executionContext());
        }
    }

    /**
     * @param look runs every second until then
     * @throws StartException where no cluster took this node
     */
    private void awaitUp(Runnable look) {
        CompletableFuture<Done> up = new CompletableFuture<>();
        org.apache.pekko.cluster.Cluster.get(system).registerOnMemberUp(() -> up.complete(Done.getInstance()));
        CompletionStage<Done> terminated = system.getWhenTerminated();
        terminated.whenComplete((done, failure) -> up.completeExceptionally(
                new StartException(putOut().orElse("the node was stopped while it joined the cluster"))));
        while (true) {
            try {
                up.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException notYet) {
                look.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartException("interrupted while the node joined the cluster", e);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof StartException told ? told : new CompletionException(e.getCause());
            }
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
