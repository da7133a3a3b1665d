package dev.perennial.simulations.cluster;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.uuid.Uuids;
import com.typesafe.config.ConfigFactory;
import dev.perennial.persistence.CassandraSession;
import dev.perennial.persistence.CassandraSettings;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.simulations.cluster.invariants.JournalRow;
import dev.perennial.simulations.cluster.invariants.Stored;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;

/** Reads what the nodes have written, past all of their code but that of serialization: the journal and the tables as they lie there. */
final class Archive implements AutoCloseable {
    private static final String SCHEDULER = "scheduler";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ActorSystem system;
    private final Serialization serialization;
    private final CqlSession session;
    private final CassandraSettings settings;

    private Archive(ActorSystem system, CqlSession session, CassandraSettings settings) {
        this.system = system;
        this.serialization = SerializationExtension.get(system);
        this.session = session;
        this.settings = settings;
    }

    static Archive open(InetSocketAddress database) {
        CassandraSettings settings = CassandraSettings.embedded(database);
        ActorSystem system = ActorSystem.create(
                "archive",
                ConfigFactory.parseString("pekko.actor.provider = local")
                        .withFallback(ConfigFactory.load())
                        .resolve());
        return new Archive(
                system, CassandraSession.open(settings).toCompletableFuture().join(), settings);
    }

    List<JournalRow<DomainEvent>> domain(DomainId domain) {
        return rows("domain|" + domain, DomainEvent.class);
    }

    List<JournalRow<SchedulerEvent>> scheduler() {
        return rows(SCHEDULER, SchedulerEvent.class);
    }

    private <E> List<JournalRow<E>> rows(String persistenceId, Class<E> type) {
        List<JournalRow<E>> rows = new ArrayList<>();
        int before;
        long partition = 0;
        do {
            before = rows.size();
            for (Row row : session.execute(SimpleStatement.newInstance(
                            "SELECT sequence_nr, timestamp, writer_uuid, ser_id, ser_manifest, event FROM "
                                    + settings.journalKeyspace()
                                    + ".messages WHERE persistence_id = ? AND partition_nr = ?",
                            persistenceId,
                            partition)
                    .setTimeout(PATIENCE))) {
                rows.add(new JournalRow<>(
                        row.getLong("sequence_nr"),
                        Objects.requireNonNull(row.getString("writer_uuid")),
                        Instant.ofEpochMilli(Uuids.unixTimestamp(Objects.requireNonNull(row.getUuid("timestamp")))),
                        type.cast(event(row))));
            }
            partition++;
        } while (rows.size() > before);
        return rows;
    }

    private Object event(Row row) {
        ByteBuffer buffer = Objects.requireNonNull(row.getByteBuffer("event"));
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return serialization
                .deserialize(bytes, row.getInt("ser_id"), Objects.requireNonNull(row.getString("ser_manifest")))
                .get();
    }

    /** All rows of the tables of examples and of feedback. */
    Stored stored() {
        Map<DomainId, Set<String>> examples = new HashMap<>();
        for (Row row : all("SELECT domain, id FROM " + settings.keyspace() + ".examples")) {
            examples.computeIfAbsent(domain(row), domain -> new HashSet<>()).add(text(row, "id"));
        }
        List<Stored.Feedback> feedback = new ArrayList<>();
        for (Row row : all("SELECT domain, id, comment FROM " + settings.keyspace() + ".feedback")) {
            feedback.add(new Stored.Feedback(
                    domain(row), text(row, "id"), Objects.requireNonNullElse(row.getString("comment"), "")));
        }
        return new Stored(examples, feedback);
    }

    private Iterable<Row> all(String query) {
        return session.execute(SimpleStatement.newInstance(query).setTimeout(PATIENCE));
    }

    private static DomainId domain(Row row) {
        return new DomainId(text(row, "domain"));
    }

    private static String text(Row row, String column) {
        return Objects.requireNonNull(row.getString(column), column);
    }

    @Override
    public void close() {
        session.close();
        system.terminate();
    }
}
