package dev.perennial.persistence.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.datastax.oss.driver.api.core.uuid.Uuids;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PartsTest {
    private static final byte[] BYTES = {1, 2, 3, 4, 5, 6, 7};

    @Test
    void splitsIntoPartsOfWhichTheLastMayBeShorter() {
        assertEquals(List.of(), sizes(new byte[0], 3));
        assertEquals(List.of(1), sizes(new byte[1], 3));
        assertEquals(List.of(3), sizes(new byte[3], 3));
        assertEquals(List.of(3, 1), sizes(new byte[4], 3));
        assertEquals(List.of(3, 3, 1), sizes(BYTES, 3));
    }

    @Test
    void joinsWhatItSplit() {
        for (int partBytes = 1; partBytes <= BYTES.length + 1; partBytes++) {
            assertArrayEquals(BYTES, Parts.join(header(BYTES), stored(BYTES, partBytes)));
        }
        assertArrayEquals(new byte[0], Parts.join(header(new byte[0]), List.of()));
    }

    @Test
    void namesTheMissingParts() {
        List<Optional<ByteBuffer>> parts = stored(BYTES, 2);
        parts.set(1, Optional.empty());
        parts.set(3, Optional.empty());
        assertUnreadable("of 4 parts these are missing: [1, 3]", parts);
    }

    @Test
    void refusesBytesThatAreMissingOrTooMany() {
        List<Optional<ByteBuffer>> parts = stored(BYTES, 3);
        parts.set(1, Optional.of(ByteBuffer.wrap(new byte[] {4, 5})));
        assertUnreadable("6 bytes in place of 7", parts);
        parts.set(1, Optional.of(ByteBuffer.wrap(new byte[] {4, 5, 6, 6})));
        assertUnreadable("8 bytes in place of 7", parts);
    }

    @Test
    void refusesBytesThatWereNotSaved() {
        List<Optional<ByteBuffer>> parts = stored(BYTES, 3);
        parts.set(1, Optional.of(ByteBuffer.wrap(new byte[] {4, 5, 7})));
        assertUnreadable("checksum", parts);
        assertUnreadable(
                "checksum", List.of(stored(BYTES, 4).get(1), stored(BYTES, 4).get(0)));
    }

    private static void assertUnreadable(String cause, List<Optional<ByteBuffer>> parts) {
        String message = assertThrows(UnreadableSnapshotException.class, () -> Parts.join(header(BYTES), parts))
                .getMessage();
        assertTrue(String.valueOf(message).contains(cause), message);
    }

    private static List<Integer> sizes(byte[] bytes, int partBytes) {
        return Parts.split(bytes, partBytes).stream().map(ByteBuffer::remaining).toList();
    }

    private static List<Optional<ByteBuffer>> stored(byte[] bytes, int partBytes) {
        return Parts.split(bytes, partBytes).stream()
                .map(Optional::of)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static SnapshotHeader header(byte[] bytes) {
        return new SnapshotHeader(
                "domain|news", 200, Uuids.timeBased(), 0, bytes.length, 0, Parts.crc32c(bytes), 1, "", true);
    }
}
