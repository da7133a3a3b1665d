package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.cluster.typed.Join;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A node that its cluster puts out, or that loses it, and that nothing but the fence would stop. */
class FenceTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LONGER_THAN_STABLE = Duration.ofSeconds(4);
    private static final Config CONFIG = ConfigFactory.parseString("""
                    pekko.cluster.run-coordinated-shutdown-when-down = off
                    pekko.cluster.downing-provider-class = ""
                    pekko.cluster.roles = [domain]
                    pekko.coordinated-shutdown.run-by-actor-system-terminate = off
                    pekko.loglevel = ERROR
                    """)
            .withFallback(ConfigFactory.parseResources("cluster.conf"))
            .withFallback(ConfigFactory.load());

    private final List<String> written = new CopyOnWriteArrayList<>();
    private final List<ActorSystem<Void>> systems = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (ActorSystem<Void> system : systems) {
            stop(system);
        }
    }

    @Test
    void whatItGuardsHearsNothingOnceTheClusterHasPutItsNodeOut() throws Exception {
        ActorSystem<Void> staying = joined();
        ActorSystem<Void> replaced = joined();
        Fence fence = Fence.of(replaced);
        CompletableFuture<ActorRef<Object>> itself = new CompletableFuture<>();
        Behavior<Object> inner = Behaviors.setup(context -> {
            itself.complete(context.getSelf());
            return Behaviors.receiveMessage(message -> {
                written.add(message.toString());
                return Behaviors.same();
            });
        });
        Behavior<String> entity =
                Behaviors.transformMessages(String.class, inner, match -> match.match(String.class, text -> text));
        ActorRef<String> guarded = replaced.systemActorOf(fence.guard(entity), "guarded", Props.empty());
        guarded.tell("before");
        Await.until("the entity writes", SOON, () -> written.equals(List.of("before")));
        assertFalse(fence.isClosed());

        Cluster.get(staying)
                .manager()
                .tell(new Down(Cluster.get(replaced).selfMember().address()));
        Await.until("the fence is closed", SOON, fence::isClosed);
        guarded.tell("after");
        // As a timer of the entity or the end of what it began would.
        itself.join().tell(List.of("to itself"));

        replaced.getWhenTerminated().toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
        assertEquals(List.of("before"), written, "and the fence has stopped the node");
    }

    @Test
    void itClosesOnANodeThatDoesNotReachMostOfTheOthers() throws Exception {
        joined();
        joined();
        ActorSystem<Void> left = joined();
        Fence fence = Fence.of(left);
        stop(systems.get(0));
        Await.until("one is out of reach", SOON, () -> unreachable(left) == 1);
        Thread.sleep(LONGER_THAN_STABLE.toMillis());
        assertFalse(fence.isClosed(), "two of three go on");

        stop(systems.get(1));
        // Nobody has put them out. Once the fence is closed the node leaves, and knows of nobody.
        Await.until("both are out of reach", SOON, () -> unreachable(left) == 2);
        Await.until("the fence is closed", SOON, fence::isClosed);
    }

    @Test
    void putsOutWhoeverIsOnTheSmallerSideAndOfTwoHalvesTheOneWithoutTheLowestAddress() {
        List<Address> three = addresses(3);
        assertFalse(Fence.isPutOut(three, Set.of(three.get(2)), Set.of(three.get(0), three.get(1))));
        assertTrue(Fence.isPutOut(three, Set.of(three.get(0), three.get(1)), Set.of(three.get(2))));
        List<Address> two = addresses(2);
        assertFalse(Fence.isPutOut(two, Set.of(two.get(1)), Set.of(two.get(0))));
        assertTrue(Fence.isPutOut(two, Set.of(two.get(0)), Set.of(two.get(1))));
        assertFalse(Fence.isPutOut(List.of(), Set.of(), Set.of()), "before the first has joined");
    }

    /** Its ends call each other unreachable, and all three know of it. */
    @Test
    void putsNobodyOutWhereASingleConnectionIsBroken() {
        List<Address> three = addresses(3);
        assertFalse(Fence.isPutOut(three, Set.of(three.get(1), three.get(2)), Set.copyOf(three)));
    }

    private static List<Address> addresses(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(port -> new Address("pekko", "perennial", "127.0.0.1", port))
                .toList();
    }

    /** A member of the same cluster as the others. */
    private ActorSystem<Void> joined() throws Exception {
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "perennial", CONFIG);
        systems.add(system);
        Address founder = Cluster.get(systems.get(0)).selfMember().address();
        Cluster.get(system).manager().tell(Join.create(founder));
        Await.until(
                "all are up", SOON, () -> systems.stream().allMatch(each -> up(Cluster.get(each)) == systems.size()));
        return system;
    }

    /** Without a word to the others. */
    private static void stop(ActorSystem<Void> system) throws Exception {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private static int unreachable(ActorSystem<Void> system) {
        return Cluster.get(system).state().getUnreachable().size();
    }

    private static long up(Cluster cluster) {
        return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
                .filter(member -> member.status() == MemberStatus.up())
                .count();
    }
}
