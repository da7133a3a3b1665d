package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OffsetClockTest {
    @TempDir
    Path folder;

    @Test
    void isRightWithoutItsFileAndWhereTheFileSaysNoNumber() throws IOException {
        assertOff(Duration.ZERO, new OffsetClock(folder.resolve("missing")));
        assertOff(Duration.ZERO, new OffsetClock(Files.writeString(folder.resolve("offset"), "soon")));
    }

    @Test
    void isOffByWhatItsFileSaysInAnyZone() throws IOException {
        Path file = Files.writeString(folder.resolve("offset"), "-3600000\n");
        Clock clock = new OffsetClock(file);
        assertEquals(ZoneOffset.UTC, clock.getZone());
        assertOff(Duration.ofHours(-1), clock);
        Clock there = clock.withZone(ZoneId.of("Europe/Vienna"));
        assertEquals(ZoneId.of("Europe/Vienna"), there.getZone());
        assertOff(Duration.ofHours(-1), there);
    }

    /** Between two looks at the right time. */
    private static void assertOff(Duration offset, Clock clock) {
        Instant before = Instant.now().plus(offset);
        Instant shown = clock.instant();
        assertTrue(!shown.isBefore(before) && !shown.isAfter(Instant.now().plus(offset)), shown::toString);
    }
}
