package dev.perennial.settings;

import java.time.Duration;
import java.util.List;

/**
 * The trainer of this node.
 *
 * @param heartbeatInterval how often the scheduler hears from the trainer, and a domain of its progress; at most a
 *     third of the scheduler's lease timeout
 * @param checkpointInterval how often a running update leaves a checkpoint
 * @param hangTimeout longest silence of an update's native part
 * @param outagePatience how long a database or a domain that is away is waited for
 * @param drainGrace how long a node that is to stop waits for its update
 * @param processOptions of the JVM of a training process
 */
public record TrainingSettings(
        Duration heartbeatInterval,
        Duration checkpointInterval,
        Duration hangTimeout,
        Duration outagePatience,
        Duration drainGrace,
        Isolation isolation,
        List<String> processOptions) {
    /** Where updates run. */
    public enum Isolation {
        /** On a thread of the node: the least memory; a crash of native code takes the node with it. */
        THREAD,
        /** In a process of their own. */
        PROCESS
    }

    public TrainingSettings {
        processOptions = List.copyOf(processOptions);
    }

    static TrainingSettings from(Section section) {
        return new TrainingSettings(
                section.duration("heartbeat-interval", Duration.ofMillis(10), Duration.ofMinutes(1)),
                section.duration("checkpoint-interval", Duration.ZERO, Duration.ofDays(1)),
                section.duration("hang-timeout", Duration.ofSeconds(1), Duration.ofDays(1)),
                section.duration("outage-patience", Duration.ofSeconds(1), Duration.ofDays(1)),
                section.duration("drain-grace", Duration.ZERO, Duration.ofMinutes(10)),
                section.choice("isolation", Isolation.class),
                section.texts("process-options"));
    }
}
