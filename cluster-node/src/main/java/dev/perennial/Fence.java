package dev.perennial;

import java.time.Duration;
import java.util.Iterator;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this node may still act for the domains that it holds. The journal does not tell writers apart: a node that the others have
 * replaced, and that does not know it yet, would acknowledge what a replay passes over. It closes, for good, once the cluster has put this
 * node out, and when the process has stood still (SIGSTOP, a machine that was frozen) for as long as the others need to decide on
 * that. From then on no command reaches an entity here and no request is answered with success; what leaves this node for others does
 * not arrive, since they have quarantined it. Thread-safe.
 */
final class Fence {
    private static final Logger LOG = LoggerFactory.getLogger(Fence.class);
    private static final Duration TICK = Duration.ofMillis(200);

    private final ActorSystem<?> system;
    private final long longestStall;
    private volatile long beat = System.nanoTime();
    private volatile boolean closed;

    private Fence(ActorSystem<?> system, Duration longestStall) {
        this.system = system;
        this.longestStall = longestStall.toNanos();
    }

    /** The node stood still for too long. */
    static final class Stalled implements CoordinatedShutdown.Reason {}

    /**
     * As long as others wait at the least before they put a silent node out. After that they wait once more
     * before they take its place, within which what was under way here has come to its end.
     */
    static Fence of(ActorSystem<?> system) {
        var cluster = system.settings().config().getConfig("pekko.cluster");
        Fence fence = new Fence(
                system,
                cluster.getDuration("failure-detector.acceptable-heartbeat-pause")
                        .plus(cluster.getDuration("split-brain-resolver.stable-after")));
        Thread watch = new Thread(fence::watch, "perennial-fence");
        watch.setDaemon(true);
        watch.start();
        system.systemActorOf(fence.membership(), "fence", Props.empty());
        return fence;
    }

    private Behavior<ClusterEvent.MemberDowned> membership() {
        return Behaviors.setup(context -> {
            Cluster cluster = Cluster.get(context.getSystem());
            cluster.subscriptions().tell(Subscribe.create(context.getSelf(), ClusterEvent.MemberDowned.class));
            return Behaviors.receive(ClusterEvent.MemberDowned.class)
                    .onMessage(ClusterEvent.MemberDowned.class, downed -> {
                        if (downed.member()
                                .uniqueAddress()
                                .equals(cluster.selfMember().uniqueAddress())) {
                            closed = true;
                        }
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    /** The same, but deaf once the fence is closed. */
    <T> Behavior<T> guard(Class<T> messages, Behavior<T> entity) {
        return Behaviors.intercept(
                () -> new BehaviorInterceptor<>(messages) {
                    @Override
                    public Behavior<T> aroundReceive(
                            TypedActorContext<T> context, T message, BehaviorInterceptor.ReceiveTarget<T> target) {
                        return isClosed() ? Behaviors.same() : target.apply(context, message);
                    }
                },
                entity);
    }

    boolean isClosed() {
        if (!closed && System.nanoTime() - beat > longestStall && !isAlone()) {
            closed = true;
        }
        return closed;
    }

    /** Nobody can have taken the place of a node without others. */
    private boolean isAlone() {
        Iterator<Member> members = Cluster.get(system).state().getMembers().iterator();
        if (members.hasNext()) {
            members.next();
        }
        return !members.hasNext();
    }

    private void watch() {
        try {
            while (!system.getWhenTerminated().toCompletableFuture().isDone()) {
                if (isClosed()) {
                    // What the cluster has put out stops by itself; this reason then comes too late.
                    LOG.error(
                            "This node stood still for too long, or was put out of its cluster: it writes no more and stops");
                    CoordinatedShutdown.get(system).runAll(new Stalled());
                    return;
                }
                beat = System.nanoTime();
                Thread.sleep(TICK.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
