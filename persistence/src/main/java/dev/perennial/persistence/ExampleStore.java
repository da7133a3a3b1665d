package dev.perennial.persistence;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.zip.CRC32;

/**
 * The texts of training and evaluation examples; the journal holds only their ids. Rows are keyed by content id, so putting
 * one again changes nothing but when and whence it was last accepted. Which examples count as new is decided, and
 * remembered, by the domain, not here. Thread-safe.
 */
public final class ExampleStore {
    private static final int BUCKETS = 256;
    private static final int IN_FLIGHT = 64;

    private final CqlSession session;
    private final PreparedStatement insert;
    private final PreparedStatement select;
    private final PreparedStatement delete;

    private ExampleStore(
            CqlSession session, PreparedStatement insert, PreparedStatement select, PreparedStatement delete) {
        this.session = session;
        this.insert = insert;
        this.select = select;
        this.delete = delete;
    }

    /** Needs the tables of {@link Schema}. */
    public static CompletionStage<ExampleStore> open(CqlSession session, CassandraSettings settings) {
        String table = settings.keyspace() + ".examples";
        String row = " WHERE domain = ? AND bucket = ? AND id = ?";
        return session.prepareAsync("INSERT INTO " + table
                        + " (domain, bucket, id, body, accepted_at, source) VALUES (?, ?, ?, ?, ?, ?)")
                .thenCompose(insert -> session.prepareAsync("SELECT id, body, accepted_at, source FROM " + table + row)
                        .thenCombine(
                                session.prepareAsync("DELETE FROM " + table + " USING TIMESTAMP ?" + row),
                                (select, delete) -> new ExampleStore(session, insert, select, delete)));
    }

    /** Completes when all are stored. On failure some may be; putting all again is always right. */
    public CompletionStage<Void> put(String domain, List<StoredExample> examples) {
        return BoundedConcurrency.map(
                        examples,
                        IN_FLIGHT,
                        example -> session.executeAsync(insert.bind(
                                domain,
                                bucket(example.id()),
                                example.id(),
                                example.json(),
                                example.acceptedAt(),
                                example.source())))
                .thenAccept(results -> {});
    }

    /**
     * The examples in the order of {@code ids}; an id given twice comes back twice.
     *
     * @return fails with {@link MissingExamplesException}, naming them, if any is not there
     */
    public CompletionStage<List<StoredExample>> get(String domain, Collection<String> ids) {
        return BoundedConcurrency.map(List.copyOf(new HashSet<>(ids)), IN_FLIGHT, id -> find(domain, id))
                .thenApply(found -> inOrder(domain, ids, found));
    }

    /**
     * Completes when none of the examples is there any more. On failure some may be; deleting all again is always right.
     *
     * @param before puts of before this time are undone too, though they arrive later
     */
    public CompletionStage<Void> delete(String domain, Collection<String> ids, Instant before) {
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, before);
        return BoundedConcurrency.map(
                        List.copyOf(ids),
                        IN_FLIGHT,
                        id -> session.executeAsync(delete.bind(micros, domain, bucket(id), id)))
                .thenAccept(results -> {});
    }

    private CompletionStage<Optional<StoredExample>> find(String domain, String id) {
        return session.executeAsync(select.bind(domain, bucket(id), id))
                .thenApply(rows -> Optional.ofNullable(rows.one()).map(ExampleStore::example));
    }

    private static List<StoredExample> inOrder(
            String domain, Collection<String> ids, List<Optional<StoredExample>> found) {
        Map<String, StoredExample> byId = new HashMap<>();
        found.forEach(one -> one.ifPresent(example -> byId.put(example.id(), example)));
        List<String> missing =
                ids.stream().filter(id -> !byId.containsKey(id)).distinct().toList();
        if (!missing.isEmpty()) {
            throw new MissingExamplesException(domain, missing);
        }
        return ids.stream().map(id -> Objects.requireNonNull(byId.get(id))).toList();
    }

    private static StoredExample example(Row row) {
        return new StoredExample(
                Objects.requireNonNull(row.getString("id")),
                Objects.requireNonNull(row.getString("body")),
                Objects.requireNonNull(row.get("accepted_at", Instant.class)),
                Objects.requireNonNull(row.getString("source")));
    }

    /** Part of the primary key: to change this would orphan every row. */
    static short bucket(String id) {
        CRC32 crc = new CRC32();
        crc.update(id.getBytes(StandardCharsets.UTF_8));
        return (short) (crc.getValue() % BUCKETS);
    }
}
