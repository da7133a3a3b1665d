package dev.perennial.persistence.artifact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactCacheTest {
    /** FIPS 180-4, example for the message "abc". */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path directory;

    private ArtifactCache cache;

    @BeforeEach
    void open() {
        cache = new ArtifactCache(directory, 10);
    }

    @Test
    void namesFilesByTheirDigest() throws IOException {
        assertEquals(directory.resolve(ABC), add("abc"));
        assertEquals(Optional.of(directory.resolve(ABC)), cache.find(ABC));
    }

    @Test
    void deletesACopyThatIsCorrupt() throws IOException {
        Files.writeString(add("abc"), "abd");
        assertEquals(Optional.empty(), cache.find(ABC));
        assertFalse(Files.exists(directory.resolve(ABC)));
    }

    @Test
    void evictsWhatWasUsedLongestAgo() throws IOException {
        Path oldest = usedAgo(add("1111"), Duration.ofHours(3));
        Path older = usedAgo(add("2222"), Duration.ofHours(2));
        Path newest = add("3333");
        assertFalse(Files.exists(oldest));
        assertTrue(Files.exists(older));
        assertTrue(Files.exists(newest));
    }

    @Test
    void leavesAloneWhatIsInUse() throws IOException {
        Path one = add("1".repeat(8));
        Path two = add("2".repeat(8));
        assertTrue(Files.exists(one) && Files.exists(two));
    }

    @Test
    void sweepsAwayWhatDeadProcessesLeft() throws IOException {
        Path left = usedAgo(cache.temporary(), Duration.ofDays(1));
        Path working = cache.temporary();
        add("abc");
        assertFalse(Files.exists(left));
        assertTrue(Files.exists(working));
    }

    @Test
    void refusesWhatIsTooLargeAndLeavesNothing() throws IOException {
        assertThrows(ArtifactException.TooLarge.class, () -> add("1".repeat(101)));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void takesNoOtherNamesThanDigests() {
        assertThrows(IllegalArgumentException.class, () -> cache.find("../../etc/passwd"));
    }

    private Path add(String content) throws IOException {
        return cache.add(new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)), 100);
    }

    private static Path usedAgo(Path file, Duration ago) throws IOException {
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(ago)));
    }
}
