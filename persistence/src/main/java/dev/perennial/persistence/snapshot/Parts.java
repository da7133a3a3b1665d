package dev.perennial.persistence.snapshot;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/** Cuts the bytes of a snapshot into parts, and puts them together again. */
final class Parts {
    private Parts() {}

    /** Views of {@code bytes}, each of {@code partBytes} but for a shorter last one; none where there are no bytes. */
    static List<ByteBuffer> split(byte[] bytes, int partBytes) {
        int count = Math.toIntExact(((long) bytes.length + partBytes - 1) / partBytes);
        return IntStream.range(0, count)
                .mapToObj(part -> ByteBuffer.wrap(
                                bytes, part * partBytes, Math.min(partBytes, bytes.length - part * partBytes))
                        .slice())
                .toList();
    }

    /**
     * The bytes that were split.
     *
     * @param parts in their order, empty where one is missing
     * @throws UnreadableSnapshotException if one is, or the bytes are not those that the header tells of
     */
    static byte[] join(SnapshotHeader header, List<Optional<ByteBuffer>> parts) {
        List<Integer> missing = IntStream.range(0, parts.size())
                .filter(part -> parts.get(part).isEmpty())
                .boxed()
                .toList();
        if (!missing.isEmpty()) {
            throw new UnreadableSnapshotException("of " + parts.size() + " parts these are missing: " + missing);
        }
        long length =
                parts.stream().mapToLong(part -> part.orElseThrow().remaining()).sum();
        if (length != header.bytes()) {
            throw new UnreadableSnapshotException("it has " + length + " bytes in place of " + header.bytes());
        }
        ByteBuffer joined = ByteBuffer.allocate(header.bytes());
        parts.forEach(part -> joined.put(part.orElseThrow().duplicate()));
        if (crc32c(joined.array()) != header.crc32c()) {
            throw new UnreadableSnapshotException("its bytes do not have the checksum of those that were saved");
        }
        return joined.array();
    }

    static long crc32c(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }
}
