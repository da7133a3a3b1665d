package dev.perennial.trainer;

import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.TrainerCapabilities;
import dev.perennial.protocols.VersionId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What a trainer can do, and what it has worked on of late. Thread-safe. */
final class Capabilities {
    private static final int REMEMBERED = 64;

    private final String device;
    private final long memoryBytes;
    private final Supplier<Optional<Long>> freeBytes;
    private final String base;
    private final Deque<VersionId> adapters = new ArrayDeque<>();

    /**
     * @param freeBytes asked with each heartbeat
     * @param base digest of the base that it trains on
     */
    Capabilities(String device, long memoryBytes, Supplier<Optional<Long>> freeBytes, String base) {
        this.device = device;
        this.memoryBytes = memoryBytes;
        this.freeBytes = freeBytes;
        this.base = base;
    }

    /** The domain has taken a candidate that was made here. */
    synchronized void worked(DomainReply reply) {
        if (reply instanceof DomainReply.UpdateShown shown) {
            shown.update().version().ifPresent(version -> {
                adapters.remove(version);
                adapters.addFirst(version);
                if (adapters.size() > REMEMBERED) {
                    adapters.removeLast();
                }
            });
        }
    }

    synchronized TrainerCapabilities now() {
        return new TrainerCapabilities(device, memoryBytes, freeBytes.get(), List.of(base), List.copyOf(adapters));
    }
}
