package dev.perennial.persistence.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

/**
 * Cuts off what a full disk leaves at the end of commit log segments, before the server reads them: a section that breaks
 * off, or a file that holds nothing. The server forgives that in the last segment only; if its next start fails too, which is
 * likely while the disk is full, then that start has added a segment, and none succeeds any more, even with space.
 *
 * <p>Nothing acknowledged is lost: a write is acknowledged only once its section is complete on disk, and a segment gets no
 * further sections after one that failed. Where such do follow, the file is damaged in another way, and is left alone for
 * the server to complain of.
 */
final class CommitLogRepair {
    // Header: int version, long id, short n, n bytes of parameters, int CRC. Then sections, each beginning with a
    // marker:
    // int position of the section's end in the file, int CRC of the segment's id and the marker's own position.
    private static final int FIXED_HEADER = 4 + 8 + 2 + 4;
    private static final int MARKER = 4 + 4;

    private CommitLogRepair() {}

    static void repair(Path commitLog) throws IOException {
        if (!Files.isDirectory(commitLog)) {
            return; // a first start
        }
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(commitLog, "CommitLog-*.log")) {
            for (Path segment : segments) {
                byte[] content = Files.readAllBytes(segment); // at most one mutation more than commitlog_segment_size
                int usable = usableBytes(ByteBuffer.wrap(content));
                if (usable == 0) {
                    System.out.println("deleting a commit log segment that holds nothing: " + segment);
                    Files.delete(segment);
                } else if (usable < content.length) {
                    System.out.println("cutting off a section that breaks off at the end of " + segment);
                    truncate(segment, usable);
                }
            }
        }
    }

    /** How much of a segment to keep, in bytes; 0 if it has no complete section. */
    static int usableBytes(ByteBuffer segment) {
        int length = segment.limit();
        if (length < FIXED_HEADER || segment.getInt(0) == 0) {
            return 0; // cut short, or given its size while its first block never reached the disk
        }
        long id = segment.getLong(4);
        int header = FIXED_HEADER + Short.toUnsignedInt(segment.getShort(12));
        if (length <= header) {
            return 0;
        }
        int position = header;
        while (position <= length - MARKER && isMarker(segment, id, position)) {
            int end = segment.getInt(position);
            if (end > length && !anyMarkerAfter(segment, id, position)) {
                return position == header ? 0 : position;
            }
            if (end > length || end < position + MARKER) {
                break; // damaged
            }
            position = end;
        }
        return length;
    }

    private static boolean anyMarkerAfter(ByteBuffer segment, long id, int position) {
        for (int later = position + 1; later <= segment.limit() - MARKER; later++) {
            if (isMarker(segment, id, later)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isMarker(ByteBuffer segment, long id, int position) {
        CRC32 crc = new CRC32();
        crc.update(ByteBuffer.allocate(12)
                .putInt((int) id)
                .putInt((int) (id >>> 32))
                .putInt(position)
                .flip());
        return segment.getInt(position + 4) == (int) crc.getValue();
    }

    private static void truncate(Path segment, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }
}
