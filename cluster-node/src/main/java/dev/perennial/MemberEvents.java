package dev.perennial;

import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/** Listens to what becomes of the members of a cluster. */
final class MemberEvents {
    private MemberEvents() {}

    /** @param each gets the member of each event of the kind */
    static <E extends ClusterEvent.MemberEvent> Behavior<E> of(Class<E> kind, Consumer<Member> each) {
        return Behaviors.setup(context -> {
            Cluster.get(context.getSystem()).subscriptions().tell(Subscribe.create(context.getSelf(), kind));
            return Behaviors.receiveMessage(event -> {
                each.accept(event.member());
                return Behaviors.same();
            });
        });
    }
}
