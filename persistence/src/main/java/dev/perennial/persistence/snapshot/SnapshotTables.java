package dev.perennial.persistence.snapshot;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import dev.perennial.persistence.BoundedConcurrency;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The rows of snapshots: a header for each save, and its parts. All that is written of a save has a time of writing that
 * follows from its id, and its deletion a later one: what arrives of a save once that was deleted stays deleted.
 * Thread-safe.
 */
final class SnapshotTables {
    // In the order in which they take the place of each other, in microseconds after the header was written.
    private static final int COMPLETED = 1;
    private static final int ABANDONED = 2;
    private static final int DELETED = 3;

    private final CqlSession session;
    private final Statements statements;

    private record Statements(
            PreparedStatement selectHeaders,
            PreparedStatement insertHeader,
            PreparedStatement setComplete,
            PreparedStatement deleteHeader,
            PreparedStatement selectPart,
            PreparedStatement insertPart,
            PreparedStatement deletePart) {}

    private SnapshotTables(CqlSession session, Statements statements) {
        this.session = session;
        this.statements = statements;
    }

    /** Needs the tables of {@link dev.perennial.persistence.Schema}. */
    static CompletionStage<SnapshotTables> open(CqlSession session, String keyspace) {
        String headers = keyspace + ".snapshots";
        String parts = keyspace + ".snapshot_parts";
        String ofSave = " WHERE persistence_id = ? AND sequence_nr = ? AND save = ?";
        List<String> queries = List.of(
                "SELECT sequence_nr, save, created, bytes, parts, crc32c, serializer_id, manifest, complete FROM "
                        + headers + " WHERE persistence_id = ? AND sequence_nr >= ? AND sequence_nr <= ?",
                "INSERT INTO " + headers + " (persistence_id, sequence_nr, save, created, bytes, parts, crc32c, "
                        + "serializer_id, manifest, complete) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?",
                "UPDATE " + headers + " USING TIMESTAMP ? SET complete = ?" + ofSave,
                "DELETE FROM " + headers + " USING TIMESTAMP ?" + ofSave,
                "SELECT data FROM " + parts + ofSave + " AND part = ?",
                "INSERT INTO " + parts
                        + " (persistence_id, sequence_nr, save, part, data) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?",
                "DELETE FROM " + parts + " USING TIMESTAMP ?" + ofSave + " AND part = ?");
        return BoundedConcurrency.map(queries, queries.size(), session::prepareAsync)
                .thenApply(prepared -> new Statements(
                        prepared.get(0),
                        prepared.get(1),
                        prepared.get(2),
                        prepared.get(3),
                        prepared.get(4),
                        prepared.get(5),
                        prepared.get(6)))
                .thenApply(statements -> new SnapshotTables(session, statements));
    }

    /** Of the saves at these sequence numbers, both included, the last first. */
    CompletionStage<List<SnapshotHeader>> headers(String persistenceId, long first, long last) {
        return session.executeAsync(statements.selectHeaders.bind(persistenceId, first, last))
                .thenCompose(page -> collect(persistenceId, page, new ArrayList<>()));
    }

    CompletionStage<?> write(SnapshotHeader header) {
        return session.executeAsync(statements.insertHeader.bind(
                header.persistenceId(),
                header.sequenceNr(),
                header.save(),
                Instant.ofEpochMilli(header.timestamp()),
                header.bytes(),
                header.parts(),
                header.crc32c(),
                header.serializerId(),
                header.manifest(),
                header.complete(),
                header.writtenAt()));
    }

    CompletionStage<?> complete(SnapshotHeader header) {
        return setComplete(header, COMPLETED, true);
    }

    CompletionStage<?> abandon(SnapshotHeader header) {
        return setComplete(header, ABANDONED, false);
    }

    private CompletionStage<?> setComplete(SnapshotHeader header, int after, boolean complete) {
        return session.executeAsync(statements.setComplete.bind(
                header.writtenAt() + after, complete, header.persistenceId(), header.sequenceNr(), header.save()));
    }

    CompletionStage<?> delete(SnapshotHeader header) {
        return session.executeAsync(statements.deleteHeader.bind(
                header.writtenAt() + DELETED, header.persistenceId(), header.sequenceNr(), header.save()));
    }

    /** Empty if it is not there. */
    CompletionStage<Optional<ByteBuffer>> part(SnapshotHeader header, int part) {
        return session.executeAsync(
                        statements.selectPart.bind(header.persistenceId(), header.sequenceNr(), header.save(), part))
                .thenApply(rows -> Optional.ofNullable(rows.one()).map(row -> row.getByteBuffer("data")));
    }

    CompletionStage<?> writePart(SnapshotHeader header, int part, ByteBuffer data) {
        return session.executeAsync(statements.insertPart.bind(
                header.persistenceId(), header.sequenceNr(), header.save(), part, data, header.writtenAt()));
    }

    CompletionStage<?> deletePart(SnapshotHeader header, int part) {
        return session.executeAsync(statements.deletePart.bind(
                header.writtenAt() + DELETED, header.persistenceId(), header.sequenceNr(), header.save(), part));
    }

    private static CompletionStage<List<SnapshotHeader>> collect(
            String persistenceId, AsyncResultSet page, List<SnapshotHeader> headers) {
        page.currentPage().forEach(row -> headers.add(header(persistenceId, row)));
        return page.hasMorePages()
                ? page.fetchNextPage().thenCompose(next -> collect(persistenceId, next, headers))
                : CompletableFuture.completedStage(headers);
    }

    /** A column that is not there makes a snapshot that cannot be read, not a failure to read any. */
    private static SnapshotHeader header(String persistenceId, Row row) {
        return new SnapshotHeader(
                persistenceId,
                row.getLong("sequence_nr"),
                Objects.requireNonNull(row.getUuid("save")),
                Objects.requireNonNullElse(row.getInstant("created"), Instant.EPOCH)
                        .toEpochMilli(),
                row.getInt("bytes"),
                row.getInt("parts"),
                row.getLong("crc32c"),
                row.getInt("serializer_id"),
                Objects.requireNonNullElse(row.getString("manifest"), ""),
                row.getBoolean("complete"));
    }
}
