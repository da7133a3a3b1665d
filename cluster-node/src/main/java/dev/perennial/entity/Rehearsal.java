package dev.perennial.entity;

import dev.perennial.domain.DomainState;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * Reads domains back as their entities would, and lets them go: whoever has done so has loaded and compiled what a recovery takes, and
 * a domain that moves here does not wait for it. Nothing is written and nobody is answered, so the domains may be at work elsewhere.
 */
public final class Rehearsal {
    private Rehearsal() {}

    /**
     * One domain after another.
     *
     * @param whenOver runs once they were read, or could not be
     */
    public static Behavior<Void> of(List<DomainId> domains, Runnable whenOver) {
        return Behaviors.setup(context -> next(context, domains, whenOver));
    }

    private static Behavior<Void> next(ActorContext<Void> context, List<DomainId> domains, Runnable whenOver) {
        if (domains.isEmpty()) {
            whenOver.run();
            return Behaviors.stopped();
        }
        Behavior<Reader.Stop> reader = Behaviors.setup(reading -> new Reader(reading, domains.get(0)));
        context.watch(context.spawnAnonymous(reader));
        return Behaviors.receive(Void.class)
                .onSignal(Terminated.class, read -> next(context, domains.subList(1, domains.size()), whenOver))
                .build();
    }

    private static final class Reader extends EventSourcedBehavior<Reader.Stop, DomainEvent, Optional<DomainState>> {
        private final ActorContext<Stop> context;

        private record Stop() {}

        Reader(ActorContext<Stop> context, DomainId domain) {
            super(PersistenceId.of(DomainEntity.KEY.name(), domain.value()));
            this.context = context;
        }

        @Override
        public Optional<DomainState> emptyState() {
            return Optional.empty();
        }

        @Override
        public CommandHandler<Stop, DomainEvent, Optional<DomainState>> commandHandler() {
            return newCommandHandlerBuilder()
                    .forAnyState()
                    .onCommand(Stop.class, stop -> Effect().stop())
                    .build();
        }

        @Override
        public EventHandler<Optional<DomainState>, DomainEvent> eventHandler() {
            return newEventHandlerBuilder()
                    .forAnyState()
                    .onAnyEvent((state, event) -> Optional.of(DomainState.fold(state, event)));
        }

        @Override
        public SignalHandler<Optional<DomainState>> signalHandler() {
            return newSignalHandlerBuilder()
                    .onSignal(
                            RecoveryCompleted.class,
                            (state, signal) -> context.getSelf().tell(new Stop()))
                    .build();
        }

        @Override
        public SnapshotAdapter<Optional<DomainState>> snapshotAdapter() {
            return new DomainSnapshots();
        }
    }
}
