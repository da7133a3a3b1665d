package dev.perennial;

import dev.perennial.http.SpokenProtocols;
import dev.perennial.persistence.ProtocolRegistry;
import dev.perennial.protocols.ProtocolVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol that may be used: what every member of the cluster speaks, once the database keeps a record of it. A form of a
 * version is written only where {@link #inCluster} has reached it, and a build that does not know a recorded version refuses to
 * start, so none ever reads a journal of forms that it would misunderstand. Thread-safe.
 */
final class ClusterProtocol implements SpokenProtocols {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterProtocol.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration LONGEST_WRITE = Duration.ofSeconds(5);

    private final ActorSystem<?> system;
    private final ProtocolRegistry registry;
    private final ProtocolVersion announced;
    private volatile int recorded;

    /** @param recorded as the database has it already */
    ClusterProtocol(ActorSystem<?> system, ProtocolRegistry registry, ProtocolVersion announced, int recorded) {
        this.system = system;
        this.registry = registry;
        this.announced = announced;
        this.recorded = recorded;
    }

    private sealed interface Message {
        record Look() implements Message {}

        /** @param failure why it is not recorded; empty where it is */
        record Written(int version, Optional<String> failure) implements Message {}
    }

    /**
     * Begins to keep the record, once the node is a member. Blocks while it reads it.
     *
     * @throws StartException where another node has recorded meanwhile what this build does not know
     */
    void keep() {
        recorded = requireKnown(registry);
        recordNow();
        system.systemActorOf(keeper(), "protocol", Props.empty());
    }

    /** So that the first requests of a new cluster are answered by it. Where it fails, the keeper tries again. */
    private void recordNow() {
        int spoken = spokenByAll();
        if (spoken > recorded) {
            try {
                registry.record(spoken).toCompletableFuture().get(LONGEST_WRITE.toMillis(), TimeUnit.MILLISECONDS);
                recorded = spoken;
            } catch (ExecutionException | TimeoutException e) {
                LOG.warn("Protocol {} could not be recorded yet: {}", spoken, e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * @return the newest version that is recorded
     * @throws StartException where this build does not know it
     */
    static int requireKnown(ProtocolRegistry registry) {
        int newest = registry.newest().toCompletableFuture().join();
        if (newest > ProtocolVersion.SPOKEN.number()) {
            throw new StartException("the database has been written by builds of protocol " + newest
                    + ", and this build knows protocols up to " + ProtocolVersion.SPOKEN.number()
                    + "; start a build that is as new, so that nothing is lost");
        }
        return newest;
    }

    /** Of versions as the members of a cluster announce them; 0 where there are none. */
    static int spokenByAll(List<String> announced) {
        return announced.stream()
                .mapToInt(text -> ProtocolVersion.announced(text).number())
                .min()
                .orElse(0);
    }

    @Override
    public int ofNode() {
        return announced.number();
    }

    @Override
    public int inCluster() {
        return Math.min(recorded, spokenByAll());
    }

    /** By members in every state: one that only joins reads the record after all others have seen it. */
    private int spokenByAll() {
        return spokenByAll(
                StreamSupport.stream(Cluster.get(system).state().getMembers().spliterator(), false)
                        .map((Member member) -> member.appVersion().version())
                        .toList());
    }

    /** The version is recorded before anything is written in its forms; while the database is away, it is tried again. */
    private Behavior<Message> keeper() {
        return Behaviors.withTimers(timers -> {
            timers.startSingleTimer(new Message.Look(), Duration.ZERO);
            return Behaviors.receive(Message.class)
                    .onMessage(Message.Look.class, look -> look(timers))
                    .onMessage(Message.Written.class, done -> {
                        if (done.failure().isEmpty()) {
                            recorded = done.version();
                            LOG.info(
                                    "All nodes speak protocol {}; builds without it are refused from now on", recorded);
                        } else {
                            LOG.warn(
                                    "Protocol {} could not be recorded: {}",
                                    done.version(),
                                    done.failure().get());
                        }
                        timers.startSingleTimer(new Message.Look(), LOOK);
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    private Behavior<Message> look(TimerScheduler<Message> timers) {
        int spoken = spokenByAll();
        if (spoken <= recorded) {
            timers.startSingleTimer(new Message.Look(), LOOK);
            return Behaviors.same();
        }
        return Behaviors.setup(context -> {
            context.pipeToSelf(
                    registry.record(spoken),
                    (done, failure) -> new Message.Written(
                            spoken, Optional.ofNullable(failure).map(Throwable::toString)));
            return Behaviors.same();
        });
    }
}
