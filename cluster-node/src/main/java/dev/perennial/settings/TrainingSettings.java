package dev.perennial.settings;

import java.time.Duration;

/**
 * The trainer of this node.
 *
 * @param threads processor threads of one training; 0 for all but one
 * @param progressInterval how often progress is told
 * @param heartbeatInterval how often the scheduler hears from the trainer; well below its lease timeout
 */
public record TrainingSettings(int threads, Duration progressInterval, Duration heartbeatInterval) {
    static TrainingSettings from(Section section) {
        return new TrainingSettings(
                section.integer("threads", 0, 1024),
                section.duration("progress-interval", Duration.ofMillis(10), Duration.ofMinutes(1)),
                section.duration("heartbeat-interval", Duration.ofMillis(10), Duration.ofMinutes(1)));
    }
}
