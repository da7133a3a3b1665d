package dev.perennial.persistence.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.typesafe.config.ConfigFactory;
import dev.perennial.persistence.Await;
import dev.perennial.persistence.SharedCassandra;
import dev.perennial.persistence.SharedCassandra.Server;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The plugin as the configuration that we generate names it, in a real actor system. */
@ExtendWith(SharedCassandra.class)
class CassandraSnapshotStoreIT {
    private static final int EVENTS_A_SNAPSHOT = 17;
    /** Doubled with each event but the first, it has 40 MiB when the snapshot is taken. */
    private static final String SEED = "0123456789".repeat(64);

    private final Server server;

    CassandraSnapshotStoreIT(Server server) {
        this.server = server;
    }

    @Test
    void anEntityLargerThanAMutationComesBackFromItsSnapshot() throws Exception {
        ActorSystem<Command> first = system("large", "", new AtomicInteger());
        for (int event = 1; event <= EVENTS_A_SNAPSHOT; event++) {
            ask(first, true);
        }
        Await.until("the snapshot is stored", Duration.ofSeconds(20), this::complete);
        stop(first);

        AtomicInteger replayed = new AtomicInteger();
        ActorSystem<Command> second = system("large", "", replayed);
        assertEquals(40 << 20, ask(second, false));
        assertEquals(0, replayed.get());
        stop(second);
    }

    @Test
    void aFailureOfTheDatabaseIsNotTakenForNoSnapshot() throws Exception {
        AtomicInteger replayed = new AtomicInteger();
        ActorSystem<Command> first = system("waiting", "", replayed);
        ask(first, true);
        stop(first);
        assertEquals(1, replayed.get());
        // A behavior without supervision ends with its recovery, and the system with it.
        ActorSystem<Command> second = system("waiting", "perennial-snapshot-store.keyspace = nowhere", replayed);
        assertEquals(Done.getInstance(), Await.result(second.getWhenTerminated()));
        assertEquals(1, replayed.get());
    }

    private boolean complete() {
        return server
                .session()
                .execute(SimpleStatement.newInstance(
                        "SELECT complete FROM perennial.snapshots WHERE persistence_id = 'large'"))
                .all()
                .stream()
                .anyMatch(row -> row.getBoolean("complete"));
    }

    private ActorSystem<Command> system(String id, String settings, AtomicInteger handled) {
        return ActorSystem.create(
                new Doubling(id, handled),
                "snapshots",
                ConfigFactory.parseString(settings)
                        .withFallback(server.settings().config())
                        .withFallback(
                                ConfigFactory.parseString("pekko.loglevel = WARNING, pekko.stdout-loglevel = WARNING"))
                        .withFallback(ConfigFactory.load()));
    }

    private static int ask(ActorSystem<Command> system, boolean grow) throws Exception {
        return Await.result(AskPattern.ask(
                system,
                (ActorRef<Integer> replyTo) -> new Command(grow, replyTo),
                Duration.ofSeconds(40),
                system.scheduler()));
    }

    private static void stop(ActorSystem<Command> system) throws Exception {
        system.terminate();
        assertEquals(Done.getInstance(), Await.result(system.getWhenTerminated()));
    }

    /** Answered with the length of the state. */
    private record Command(boolean grow, ActorRef<Integer> replyTo) {}

    private static final class Doubling extends EventSourcedBehavior<Command, String, String> {
        private final AtomicInteger handled;

        Doubling(String id, AtomicInteger handled) {
            super(PersistenceId.ofUniqueId(id));
            this.handled = handled;
        }

        @Override
        public String emptyState() {
            return "";
        }

        @Override
        public CommandHandler<Command, String, String> commandHandler() {
            return (state, command) -> command.grow()
                    ? Effect().persist("grown").thenReply(command.replyTo(), String::length)
                    : Effect().none().thenReply(command.replyTo(), String::length);
        }

        @Override
        public EventHandler<String, String> eventHandler() {
            return (state, event) -> {
                handled.incrementAndGet();
                return state.isEmpty() ? SEED : state + state;
            };
        }

        @Override
        public RetentionCriteria retentionCriteria() {
            return RetentionCriteria.snapshotEvery(EVENTS_A_SNAPSHOT, 1);
        }
    }
}
