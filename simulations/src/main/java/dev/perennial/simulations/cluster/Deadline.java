package dev.perennial.simulations.cluster;

import java.time.Duration;

/** A moment of the monotonic clock. */
record Deadline(long nanos) {
    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    boolean isOver() {
        return System.nanoTime() - nanos >= 0;
    }
}
