package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a trainer says of itself with each heartbeat.
 *
 * @param device as in the settings: {@code cpu} or {@code cuda:N}
 * @param memoryBytes of the device
 * @param freeBytes of them that an update could have now; empty where it is not known, as on a GPU, where what the engine
 *     keeps for later counts as used
 * @param bases digests of the base models that it can train on
 * @param adapters versions whose files it has at hand, the latest first; of no more than some of the last
 */
public record TrainerCapabilities(
        String device,
        long memoryBytes,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Long> freeBytes,
        List<String> bases,
        List<VersionId> adapters) {
    public TrainerCapabilities {
        freeBytes = Objects.requireNonNullElse(freeBytes, Optional.empty());
        bases = List.copyOf(bases);
        adapters = List.copyOf(adapters);
    }

    /** Of whose memory only the size is known. */
    public TrainerCapabilities(String device, long memoryBytes, List<String> bases, List<VersionId> adapters) {
        this(device, memoryBytes, Optional.empty(), bases, adapters);
    }
}
