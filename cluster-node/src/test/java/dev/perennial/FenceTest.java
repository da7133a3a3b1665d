package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
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

/** A node that its cluster puts out, and that nothing but the fence would stop. */
class FenceTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Config CONFIG = ConfigFactory.parseString("""
                    pekko.cluster.run-coordinated-shutdown-when-down = off
                    pekko.loglevel = ERROR
                    """)
            .withFallback(ConfigFactory.parseResources("cluster.conf"))
            .withFallback(ConfigFactory.load());

    private final List<String> written = new CopyOnWriteArrayList<>();
    private final ActorSystem<Void> staying = ActorSystem.create(Behaviors.empty(), "perennial", CONFIG);
    private final ActorSystem<Void> replaced = ActorSystem.create(Behaviors.empty(), "perennial", CONFIG);

    @AfterEach
    void stop() throws Exception {
        for (ActorSystem<Void> system : List.of(replaced, staying)) {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void whatItGuardsHearsNothingOnceTheClusterHasPutItsNodeOut() throws Exception {
        Cluster first = Cluster.get(staying);
        Cluster second = Cluster.get(replaced);
        first.manager().tell(Join.create(first.selfMember().address()));
        second.manager().tell(Join.create(first.selfMember().address()));
        Await.until("both are up", SOON, () -> up(first) == 2 && up(second) == 2);
        Fence fence = Fence.of(replaced);
        Behavior<String> entity = Behaviors.receiveMessage(command -> {
            written.add(command);
            return Behaviors.same();
        });
        ActorRef<String> guarded = replaced.systemActorOf(fence.guard(String.class, entity), "guarded", Props.empty());
        guarded.tell("before");
        Await.until("the entity writes", SOON, () -> written.equals(List.of("before")));
        assertFalse(fence.isClosed());

        first.manager().tell(new Down(second.selfMember().address()));
        Await.until("the fence is closed", SOON, fence::isClosed);
        guarded.tell("after");

        replaced.getWhenTerminated().toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
        assertEquals(List.of("before"), written, "and the fence has stopped the node");
    }

    private static long up(Cluster cluster) {
        return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
                .filter(member -> member.status() == MemberStatus.up())
                .count();
    }
}
