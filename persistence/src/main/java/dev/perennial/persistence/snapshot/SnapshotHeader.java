package dev.perennial.persistence.snapshot;

import com.datastax.oss.driver.api.core.uuid.Uuids;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.persistence.SnapshotMetadata;

/**
 * What is known of a save without its parts.
 *
 * @param save a UUID of version 1, drawn for each save, so that two writers never share a row
 * @param timestamp of the snapshot, in milliseconds since the epoch
 * @param bytes of all parts together
 * @param complete false until all parts are stored, and again before the first is deleted
 */
record SnapshotHeader(
        String persistenceId,
        long sequenceNr,
        UUID save,
        long timestamp,
        int bytes,
        int parts,
        long crc32c,
        int serializerId,
        String manifest,
        boolean complete) {

    SnapshotMetadata metadata() {
        return new SnapshotMetadata(persistenceId, sequenceNr, timestamp);
    }

    /** The time of writing, in microseconds since the epoch, that each row of this save has, whenever it is written. */
    long writtenAt() {
        return TimeUnit.MILLISECONDS.toMicros(Uuids.unixTimestamp(save));
    }
}
