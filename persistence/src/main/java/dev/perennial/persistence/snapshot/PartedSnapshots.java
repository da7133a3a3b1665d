package dev.perennial.persistence.snapshot;

import dev.perennial.persistence.BoundedConcurrency;
import dev.perennial.persistence.Failures;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves, loads and deletes snapshots of any length. A save is a header that says incomplete, then the parts, then the word
 * that it is complete, without which no load considers it. A deletion goes the other way: the header, which names the
 * parts, goes last. So whatever is interrupted leaves a header that a later deletion finds.
 *
 * <p>Two writers at one sequence number make two saves, of which a load takes the one that began last and a deletion both.
 * Thread-safe.
 */
final class PartedSnapshots {
    private static final Logger LOG = LoggerFactory.getLogger(PartedSnapshots.class);
    private static final int IN_FLIGHT = 4;

    private final SnapshotTables tables;
    private final int partBytes;
    private final Executor computing;

    /** @param computing runs what takes the processor: checksums and deserialization */
    PartedSnapshots(SnapshotTables tables, int partBytes, Executor computing) {
        this.tables = tables;
        this.partBytes = partBytes;
        this.computing = computing;
    }

    /**
     * Completes when a load would find it. On failure a part of it may be stored, and is never loaded.
     *
     * @param save see {@link SnapshotHeader}
     */
    CompletionStage<Void> save(SnapshotMetadata metadata, UUID save, SerializedSnapshot snapshot) {
        List<ByteBuffer> parts = Parts.split(snapshot.bytes(), partBytes);
        SnapshotHeader header = new SnapshotHeader(
                metadata.persistenceId(),
                metadata.sequenceNr(),
                save,
                metadata.timestamp(),
                snapshot.bytes().length,
                parts.size(),
                Parts.crc32c(snapshot.bytes()),
                snapshot.serializerId(),
                snapshot.manifest(),
                false);
        return tables.write(header)
                .thenCompose(begun -> forEachPart(header, part -> tables.writePart(header, part, parts.get(part))))
                .thenCompose(stored -> tables.complete(header))
                .thenAccept(done -> {});
    }

    /**
     * The last snapshot that meets the criteria and can be read. One that cannot is passed over with a warning.
     *
     * @param deserialize throws {@link UnreadableSnapshotException} for what it cannot read
     * @return empty if there is none; fails if the database does
     */
    CompletionStage<Optional<SelectedSnapshot>> load(
            String persistenceId,
            SnapshotSelectionCriteria criteria,
            Function<SerializedSnapshot, Object> deserialize) {
        return tables.headers(persistenceId, criteria.minSequenceNr(), criteria.maxSequenceNr())
                .thenCompose(headers -> firstReadable(
                        headers.stream()
                                .filter(header -> header.complete() && criteria.matches(header.metadata()))
                                .toList(),
                        deserialize));
    }

    private CompletionStage<Optional<SelectedSnapshot>> firstReadable(
            List<SnapshotHeader> headers, Function<SerializedSnapshot, Object> deserialize) {
        if (headers.isEmpty()) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        SnapshotHeader header = headers.get(0);
        return read(header, deserialize).thenApply(Optional::of).exceptionallyCompose(failure -> {
            Throwable cause = Failures.cause(failure);
            if (!(cause instanceof UnreadableSnapshotException)) {
                return CompletableFuture.failedStage(failure);
            }
            LOG.warn(
                    "the snapshot of {} at sequence number {} cannot be read, an older one or none is taken: {}",
                    header.persistenceId(),
                    header.sequenceNr(),
                    cause.getMessage());
            return firstReadable(headers.subList(1, headers.size()), deserialize);
        });
    }

    private CompletionStage<SelectedSnapshot> read(
            SnapshotHeader header, Function<SerializedSnapshot, Object> deserialize) {
        return forEachPart(header, part -> tables.part(header, part))
                .thenApplyAsync(
                        parts -> SelectedSnapshot.create(
                                header.metadata(),
                                deserialize.apply(new SerializedSnapshot(
                                        header.serializerId(), header.manifest(), Parts.join(header, parts)))),
                        computing);
    }

    /** Completes when no save at this sequence number is left. */
    CompletionStage<Void> delete(String persistenceId, long sequenceNr) {
        return tables.headers(persistenceId, sequenceNr, sequenceNr).thenCompose(this::delete);
    }

    /**
     * Completes when no snapshot is left that meets the criteria, but for those to keep. Goes for incomplete saves too. Lower
     * bounds keep nothing: Pekko's retention goes over each stretch once, and what was kept then would stay for ever.
     *
     * @param kept of the newest of the entity's snapshots that are whole, 0 or more
     */
    CompletionStage<Void> delete(String persistenceId, SnapshotSelectionCriteria criteria, int kept) {
        SnapshotSelectionCriteria noLowerBounds =
                SnapshotSelectionCriteria.create(criteria.maxSequenceNr(), criteria.maxTimestamp());
        return tables.headers(persistenceId, 0, Long.MAX_VALUE).thenCompose(headers -> {
            List<SnapshotHeader> newest = headers.stream()
                    .filter(SnapshotHeader::complete)
                    .limit(kept)
                    .toList();
            return delete(headers.stream()
                    .filter(header -> noLowerBounds.matches(header.metadata()) && !newest.contains(header))
                    .toList());
        });
    }

    private CompletionStage<Void> delete(List<SnapshotHeader> headers) {
        return BoundedConcurrency.map(headers, 1, this::delete).thenAccept(done -> {});
    }

    private CompletionStage<Void> delete(SnapshotHeader header) {
        return tables.abandon(header)
                .thenCompose(abandoned -> forEachPart(header, part -> tables.deletePart(header, part)))
                .thenCompose(deleted -> tables.delete(header))
                .thenAccept(done -> {});
    }

    private static <T> CompletionStage<List<T>> forEachPart(
            SnapshotHeader header, Function<Integer, CompletionStage<T>> step) {
        return BoundedConcurrency.map(IntStream.range(0, header.parts()).boxed().toList(), IN_FLIGHT, step);
    }
}
