package dev.perennial.settings;

import java.time.Duration;

/**
 * @param leaseTimeout silence after which a trainer loses its lease
 * @param maxAttempts after which an update is failed
 * @param backoff wait after the first failed attempt; it doubles with each
 */
public record SchedulerSettings(Duration leaseTimeout, int maxAttempts, Duration backoff) {
    static SchedulerSettings from(Section section) {
        return new SchedulerSettings(
                section.duration("lease-timeout", Duration.ofMillis(100), Duration.ofHours(1)),
                section.integer("max-attempts", 1, 1000),
                section.duration("backoff", Duration.ZERO, Duration.ofHours(1)));
    }
}
