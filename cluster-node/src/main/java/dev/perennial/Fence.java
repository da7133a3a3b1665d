package dev.perennial;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this node may still act for the domains that it holds. The journal does not tell writers apart: a node that the others have
 * replaced, and that does not know it yet, would acknowledge what a replay passes over. It closes, for good, once the cluster has put this
 * node out, when the process has stood still (SIGSTOP, a machine that was frozen) for as long as the others need to decide on
 * that, and when the node has not reached most of the others for 1 s less than these wait before they put it out. From then on no message
 * reaches an entity here and no request is answered with success; what leaves this node for others does not arrive, since they have
 * quarantined it. Thread-safe.
 */
final class Fence {
    private static final Logger LOG = LoggerFactory.getLogger(Fence.class);
    private static final Duration TICK = Duration.ofMillis(200);
    /** Of a tick, so late that the process must have stood still. */
    private static final Duration LATE = Duration.ofSeconds(1);
    /** Of the others' decision, as they may have missed this node sooner than it missed them. */
    private static final Duration AHEAD = Duration.ofSeconds(1);

    private static final Set<MemberStatus> VOTING = Set.of(MemberStatus.up(), MemberStatus.leaving());

    private final ActorSystem<?> system;
    private final Duration pause;
    private final Duration stableAfter;
    private final String role;
    private volatile long beat = System.nanoTime();
    private volatile Optional<String> closed = Optional.empty();

    private Fence(ActorSystem<?> system, Config cluster) {
        this.system = system;
        this.pause = cluster.getDuration("failure-detector.acceptable-heartbeat-pause");
        this.stableAfter = cluster.getDuration("split-brain-resolver.stable-after");
        this.role = cluster.getString("split-brain-resolver.keep-majority.role");
    }

    /** @param why for whoever finds that the node has ended */
    record Closed(String why) implements CoordinatedShutdown.Reason {}

    /**
     * By the times that the others wait before they put a node out. After that they wait for {@code down-removal-margin} before they
     * take its place, within which what was under way here has come to its end.
     */
    static Fence of(ActorSystem<?> system) {
        Fence fence = new Fence(system, system.settings().config().getConfig("pekko.cluster"));
        Thread watch = new Thread(fence::watch, "perennial-fence");
        watch.setDaemon(true);
        watch.start();
        system.systemActorOf(MemberEvents.of(ClusterEvent.MemberDowned.class, fence::downed), "fence", Props.empty());
        return fence;
    }

    private void downed(Member member) {
        if (member.uniqueAddress().equals(Cluster.get(system).selfMember().uniqueAddress())) {
            close("the cluster went on without this node, which it could not reach");
        }
    }

    /**
     * The same, but deaf once the fence is closed: also to what it tells itself and to its journal's answers, which lead to events and
     * snapshots, or to acknowledgements, as commands do.
     */
    <T> Behavior<T> guard(Behavior<T> entity) {
        return Behaviors.intercept(() -> new Deafness<T>(), entity).narrow();
    }

    private final class Deafness<T> extends BehaviorInterceptor<Object, T> {
        Deafness() {
            super(Object.class);
        }

        /** What comes is of {@code T}, or of a kind of which an actor inside makes one. */
        @Override
        @SuppressWarnings("unchecked")
        public Behavior<T> aroundReceive(
                TypedActorContext<Object> context, Object message, BehaviorInterceptor.ReceiveTarget<T> target) {
            return isClosed() ? Behaviors.same() : target.apply(context, (T) message);
        }
    }

    boolean isClosed() {
        if (closed.isEmpty()
                && System.nanoTime() - beat > pause.plus(stableAfter).toNanos()
                && !isAlone()) {
            close("the node stood still for so long that the cluster may have gone on without it");
        }
        return closed.isPresent();
    }

    private synchronized void close(String why) {
        closed = closed.or(() -> Optional.of(why));
    }

    /** Nobody can have taken the place of a node without others. */
    private boolean isAlone() {
        return Cluster.get(system).state().members().size() < 2;
    }

    private boolean isCutOff() {
        ClusterEvent.CurrentClusterState state = Cluster.get(system).state();
        List<Address> voters = StreamSupport.stream(state.getMembers().spliterator(), false)
                .filter(member -> member.hasRole(role) && VOTING.contains(member.status()))
                .map(Member::address)
                .sorted(Member.addressOrdering())
                .toList();
        Set<Address> unreachable =
                state.getUnreachable().stream().map(Member::address).collect(Collectors.toSet());
        return isPutOut(voters, unreachable, state.getSeenBy());
    }

    /**
     * Whether the side of a split that this node is on is the one that is put out: by the rule of keep-majority, which counts the members
     * of one role, and of two halves keeps the one with the lowest address. Out of reach is who is not reached by some member and has not
     * seen either that this is so: where a single connection is broken, its ends hear of it by way of the others.
     *
     * @param voters in the order of their addresses
     * @param unreachable to some member
     * @param informed of the state in which these are unreachable
     */
    static boolean isPutOut(List<Address> voters, Set<Address> unreachable, Set<Address> informed) {
        List<Address> reached = voters.stream()
                .filter(voter -> !unreachable.contains(voter) || informed.contains(voter))
                .toList();
        return 2 * reached.size() < voters.size()
                || (2 * reached.size() == voters.size()
                        && !voters.isEmpty()
                        && !reached.get(0).equals(voters.get(0)));
    }

    private void watch() {
        try {
            long connected = System.nanoTime();
            long judged = connected;
            while (!system.getWhenTerminated().toCompletableFuture().isDone()) {
                long now = System.nanoTime();
                // After a pause of its own a node does not know yet whom it reaches.
                judged = now - beat > LATE.toNanos() ? now + LATE.toNanos() : judged;
                connected = isCutOff() || now < judged ? connected : now;
                if (now >= judged && now - connected > stableAfter.minus(AHEAD).toNanos()) {
                    close("the node did not reach most of the others, so that the cluster may have gone on without it");
                }
                if (isClosed()) {
                    String why = closed.orElseThrow();
                    LOG.error("This node writes no more and stops: {}", why);
                    // What the cluster has put out stops by itself; this reason then comes too late.
                    CoordinatedShutdown.get(system).runAll(new Closed(why));
                    // It has nobody to hand anything over to, so it need not wait for anybody to take it.
                    Cluster cluster = Cluster.get(system);
                    cluster.manager().tell(new Down(cluster.selfMember().address()));
                    return;
                }
                beat = now;
                Thread.sleep(TICK.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
