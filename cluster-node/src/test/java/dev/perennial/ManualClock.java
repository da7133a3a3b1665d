package dev.perennial;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;

/** Moves the clock that the actors read and the timers that wake them together. */
public final class ManualClock implements InstantSource {
    private final ManualTime timers;
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final AtomicLong nanos = new AtomicLong();

    public ManualClock(ManualTime timers) {
        this.timers = timers;
    }

    @Override
    public Instant instant() {
        return now;
    }

    /** What no setting of the clock changes, as of {@link System#nanoTime()}. */
    public long nanos() {
        return nanos.get();
    }

    /** Somebody sets the clock, and no time passes. */
    public void jump(Duration ahead) {
        now = now.plus(ahead);
    }

    /** The clock first, so that what a timer wakes sees the later time. */
    public void pass(Duration time) {
        now = now.plus(time);
        nanos.addAndGet(time.toNanos());
        timers.timePasses(time);
    }
}
