package dev.perennial.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.typesafe.config.ConfigFactory;
import dev.perennial.persistence.SharedCassandra.Server;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
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

/** The configuration that we generate, given to a real actor system. */
@ExtendWith(SharedCassandra.class)
class JournalIT {
    private final Server server;

    JournalIT(Server server) {
        this.server = server;
    }

    @Test
    void eventsSurviveTheActorSystem() throws Exception {
        assertEquals("ab", inNewSystem("word", "a", "b"));
        assertEquals("abc", inNewSystem("word", "c"));
        Await.until(
                "all tables are there",
                Duration.ofSeconds(20),
                () -> Schema.exists(server.session(), server.settings()));
    }

    @Test
    void eventsAreReplayedWhereTheSnapshotCannotBeRead() throws Exception {
        assertEquals("ab", inNewSystem("spoiled", "a", "b"));
        Await.until(
                "the snapshot is stored",
                Duration.ofSeconds(20),
                () -> completeSaves("spoiled").findAny().isPresent());
        server.session()
                .execute(SimpleStatement.newInstance(
                        "UPDATE perennial.snapshots SET serializer_id = 4711 "
                                + "WHERE persistence_id = 'spoiled' AND sequence_nr = 2 AND save = ?",
                        completeSaves("spoiled").findAny().orElseThrow()));
        assertEquals("abc", inNewSystem("spoiled", "c"));
    }

    private Stream<UUID> completeSaves(String id) {
        return server
                .session()
                .execute(SimpleStatement.newInstance(
                        "SELECT save, complete FROM perennial.snapshots WHERE persistence_id = ?", id))
                .all()
                .stream()
                .filter(row -> row.getBoolean("complete"))
                .map(row -> Objects.requireNonNull(row.getUuid("save")));
    }

    private String inNewSystem(String id, String... letters) throws Exception {
        ActorSystem<Command> system = ActorSystem.create(
                new Word(id),
                "journal",
                server.settings()
                        .config()
                        .withFallback(
                                ConfigFactory.parseString("pekko.loglevel = WARNING, pekko.stdout-loglevel = WARNING"))
                        .withFallback(ConfigFactory.load()));
        try {
            String word = "";
            for (String letter : letters) {
                word = Await.result(AskPattern.ask(
                        system,
                        (ActorRef<String> replyTo) -> new Command(letter, replyTo),
                        Duration.ofSeconds(40),
                        system.scheduler()));
            }
            return word;
        } finally {
            system.terminate();
            Done done = Await.result(system.getWhenTerminated());
            assertEquals(Done.getInstance(), done);
        }
    }

    private record Command(String letter, ActorRef<String> replyTo) {}

    private static final class Word extends EventSourcedBehavior<Command, String, String> {
        Word(String id) {
            super(PersistenceId.ofUniqueId(id));
        }

        @Override
        public String emptyState() {
            return "";
        }

        @Override
        public CommandHandler<Command, String, String> commandHandler() {
            return (word, command) ->
                    Effect().persist(command.letter()).thenReply(command.replyTo(), changed -> changed);
        }

        @Override
        public EventHandler<String, String> eventHandler() {
            return (word, letter) -> word + letter;
        }

        @Override
        public RetentionCriteria retentionCriteria() {
            return RetentionCriteria.snapshotEvery(2, 1);
        }
    }
}
