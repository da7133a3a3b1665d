package dev.perennial.settings;

import java.time.Duration;

/**
 * The trainer of this node.
 *
 * @param heartbeatInterval how often the scheduler hears from the trainer, and a domain of its progress; well
 *     below the scheduler's lease timeout
 */
public record TrainingSettings(Duration heartbeatInterval) {
    static TrainingSettings from(Section section) {
        return new TrainingSettings(
                section.duration("heartbeat-interval", Duration.ofMillis(10), Duration.ofMinutes(1)));
    }
}
