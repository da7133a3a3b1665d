package dev.perennial;

import dev.perennial.http.ServingNodes;
import dev.perennial.protocols.ServingCommand;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;

/**
 * The serving actors of the cluster as this node knows them. A completion goes to the actor of this node where there is one;
 * else to the one with the fewest completions of this node under way. Among equals each model has its favourite
 * (rendezvous hashing), so that its adapter is in few memories and few models move when nodes come and go.
 */
final class ServingGroup implements ServingNodes {
    static final ServiceKey<ServingCommand> KEY = ServiceKey.create(ServingCommand.class, "serving");

    private final Optional<ActorRef<ServingCommand>> local;
    private final Map<ActorRef<ServingCommand>, AtomicInteger> underWay = new ConcurrentHashMap<>();
    private volatile Set<ActorRef<ServingCommand>> known = Set.of();

    private ServingGroup(Optional<ActorRef<ServingCommand>> local) {
        this.local = local;
    }

    /** @param local of this node, if it serves */
    static ServingGroup of(ActorSystem<?> system, Optional<ActorRef<ServingCommand>> local) {
        ServingGroup group = new ServingGroup(local);
        if (local.isEmpty()) {
            system.systemActorOf(group.listener(), "serving-group", Props.empty());
        }
        return group;
    }

    private Behavior<Receptionist.Listing> listener() {
        return Behaviors.setup(context -> {
            context.getSystem().receptionist().tell(Receptionist.subscribe(KEY, context.getSelf()));
            return Behaviors.receiveMessage(listing -> {
                found(listing.getServiceInstances(KEY));
                return Behaviors.same();
            });
        });
    }

    private void found(Set<ActorRef<ServingCommand>> actors) {
        known = Set.copyOf(actors);
        underWay.keySet().retainAll(actors);
    }

    @Override
    public Optional<Turn> choose(String model) {
        return local.or(() -> known.stream()
                        .min(Comparator.<ActorRef<ServingCommand>>comparingInt(this::load)
                                .thenComparing(actor -> preference(model, actor))))
                .map(this::turn);
    }

    private Turn turn(ActorRef<ServingCommand> actor) {
        AtomicInteger count = underWay.computeIfAbsent(actor, first -> new AtomicInteger());
        count.incrementAndGet();
        AtomicBoolean open = new AtomicBoolean(true);
        return new Turn(actor, () -> {
            if (open.getAndSet(false)) {
                count.decrementAndGet();
            }
        });
    }

    private int load(ActorRef<ServingCommand> actor) {
        AtomicInteger count = underWay.get(actor);
        return count == null ? 0 : count.get();
    }

    /** Murmur3's finaliser, without which neighbouring names would fall in with each other. */
    private static int preference(String model, ActorRef<ServingCommand> actor) {
        int hash = 31 * model.hashCode() + actor.path().toString().hashCode();
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return hash ^ (hash >>> 16);
    }
}
