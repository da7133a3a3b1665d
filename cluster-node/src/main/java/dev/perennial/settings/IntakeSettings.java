package dev.perennial.settings;

import java.time.Duration;

/**
 * How streams of examples are taken in.
 *
 * @param batchExamples most examples of a batch
 * @param batchBytes most bytes of a batch
 * @param batchDelay longest that a batch is kept open
 * @param storeTimeout how long the store may take for a batch
 * @param reportedErrors bad lines that are told one by one
 */
public record IntakeSettings(
        int batchExamples, long batchBytes, Duration batchDelay, Duration storeTimeout, int reportedErrors) {
    static IntakeSettings from(Section section) {
        return new IntakeSettings(
                section.integer("batch-examples", 1, 10_000),
                section.bytes("batch-bytes", 1 << 10, 1 << 28),
                section.duration("batch-delay", Duration.ofMillis(1), Duration.ofMinutes(1)),
                section.duration("store-timeout", Duration.ofMillis(10), Duration.ofHours(1)),
                section.integer("reported-errors", 0, 10_000));
    }
}
