package dev.perennial.persistence.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitLogRepairTest {
    private static final long ID = 0x01a2_0a56_f76fL;
    /** Version, id, length of the parameters, two bytes of those, CRC. */
    private static final int HEADER = 4 + 8 + 2 + 2 + 4;
    /** A header and two sections of 30 bytes each. */
    private static final byte[] WHOLE = segment(HEADER + 30, HEADER + 60);

    @TempDir
    Path directory;

    /** Read off a segment that Cassandra 5.0.9 wrote. */
    @Test
    void knowsAMarkerWhenItSeesOne() {
        assertEquals(0x437affe1, markerCrc(83));
    }

    @Test
    void keepsWhatIsWhole() {
        assertEquals(WHOLE.length, usable(WHOLE));
        byte[] preallocated = Arrays.copyOf(WHOLE, WHOLE.length + 1000);
        assertEquals(preallocated.length, usable(preallocated));
    }

    @Test
    void cutsOffASectionThatBreaksOff() {
        assertEquals(HEADER + 30, usable(Arrays.copyOf(WHOLE, WHOLE.length - 1)));
        assertEquals(HEADER + 30, usable(Arrays.copyOf(WHOLE, HEADER + 30 + 8)));
    }

    @Test
    void leavesAMarkerThatBreaksOffToTheServerWhichIgnoresIt() {
        assertEquals(HEADER + 30 + 7, usable(Arrays.copyOf(WHOLE, HEADER + 30 + 7)));
    }

    @Test
    void keepsNothingOfASegmentWithoutACompleteSection() {
        for (int length : new int[] {0, 1, HEADER - 1, HEADER, HEADER + 8, HEADER + 29}) {
            assertEquals(0, usable(Arrays.copyOf(WHOLE, length)), "of length " + length);
        }
        assertEquals(0, usable(new byte[1 << 16]), "of zeroes");
    }

    @Test
    void leavesOtherDamageToTheServer() {
        byte[] wrongEnd = WHOLE.clone();
        wrongEnd[HEADER] = 0x7f; // past the end of the file, but a section follows
        assertEquals(wrongEnd.length, usable(wrongEnd));
        byte[] wrongCrc = WHOLE.clone();
        wrongCrc[HEADER + 30 + 4] ^= 1;
        assertEquals(wrongCrc.length, usable(wrongCrc));
    }

    @Test
    void changesNoOtherFiles() throws IOException {
        Files.write(directory.resolve("CommitLog-7-1.log"), WHOLE);
        Files.write(directory.resolve("CommitLog-7-2.log"), Arrays.copyOf(WHOLE, WHOLE.length - 1));
        Files.write(directory.resolve("CommitLog-7-3.log"), new byte[0]);
        Files.write(directory.resolve("CommitLog-7-3_cdc.idx"), new byte[0]);
        CommitLogRepair.repair(directory);
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(
                    List.of("CommitLog-7-1.log", "CommitLog-7-2.log", "CommitLog-7-3_cdc.idx"),
                    left.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(HEADER + 30, Files.size(directory.resolve("CommitLog-7-2.log")));
    }

    @Test
    void aFirstStartHasNoCommitLog() throws IOException {
        CommitLogRepair.repair(directory.resolve("absent"));
    }

    private static int usable(byte[] segment) {
        return CommitLogRepair.usableBytes(ByteBuffer.wrap(segment));
    }

    private static byte[] segment(int... ends) {
        ByteBuffer bytes = ByteBuffer.allocate(ends[ends.length - 1]);
        bytes.putInt(7)
                .putLong(ID)
                .putShort((short) 2)
                .put(new byte[] {'{', '}'})
                .putInt(0x1234);
        for (int end : ends) {
            bytes.putInt(end).putInt(markerCrc(bytes.position() - 4));
            while (bytes.position() < end) {
                bytes.put((byte) 'x');
            }
        }
        return bytes.array();
    }

    private static int markerCrc(int position) {
        CRC32 crc = new CRC32();
        crc.update(ByteBuffer.allocate(12)
                .putInt((int) ID)
                .putInt((int) (ID >>> 32))
                .putInt(position)
                .flip());
        return (int) crc.getValue();
    }
}
