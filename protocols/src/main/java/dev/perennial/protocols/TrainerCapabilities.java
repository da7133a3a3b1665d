package dev.perennial.protocols;

import java.util.List;

/**
 * What a trainer says of itself with each heartbeat.
 *
 * @param device as in the settings: {@code cpu} or {@code cuda:N}
 * @param memoryBytes of the device
 * @param bases digests of the base models that it can train on
 * @param adapters versions whose files it has at hand, the latest first; of no more than some of the last
 */
public record TrainerCapabilities(String device, long memoryBytes, List<String> bases, List<VersionId> adapters) {
    public TrainerCapabilities {
        bases = List.copyOf(bases);
        adapters = List.copyOf(adapters);
    }
}
