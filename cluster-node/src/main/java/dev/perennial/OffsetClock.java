package dev.perennial;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A clock that is off by what a file says, for simulations in which a node's clock jumps. It moves what the program calls the
 * time: what is journaled, leases, deadlines. Timers of the actor system and timestamps of the database stay as they are.
 */
final class OffsetClock extends Clock {
    private static final Logger LOG = LoggerFactory.getLogger(OffsetClock.class);
    private static final long READ_AGAIN_NANOS = Duration.ofMillis(100).toNanos();

    private final Path file;
    private final ZoneId zone;
    private volatile Reading latest = new Reading(Duration.ZERO, System.nanoTime() - READ_AGAIN_NANOS);

    private record Reading(Duration offset, long at) {}

    /** @param file signed milliseconds as text; where it is missing, the clock is right */
    OffsetClock(Path file) {
        this(file, ZoneOffset.UTC);
    }

    private OffsetClock(Path file, ZoneId zone) {
        this.file = file;
        this.zone = zone;
    }

    @Override
    public Instant instant() {
        long now = System.nanoTime();
        if (now - latest.at() >= READ_AGAIN_NANOS) {
            latest = new Reading(read(latest.offset()), now);
        }
        return Instant.now().plus(latest.offset());
    }

    private Duration read(Duration before) {
        try {
            return Duration.ofMillis(Long.parseLong(Files.readString(file).strip()));
        } catch (NoSuchFileException none) {
            return Duration.ZERO;
        } catch (IOException | NumberFormatException e) {
            LOG.warn("The clock's offset is milliseconds in {}: {}", file, e.getMessage());
            return before;
        }
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
        return new OffsetClock(file, other);
    }
}
