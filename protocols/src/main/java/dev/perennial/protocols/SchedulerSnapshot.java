package dev.perennial.protocols;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The scheduler's whole state as it is kept beside the journal; see {@link DomainSnapshot}.
 *
 * @param lastToken the largest fencing token ever granted
 */
public record SchedulerSnapshot(long lastToken, List<Entry> entries) {
    public SchedulerSnapshot {
        entries = List.copyOf(entries);
    }

    /**
     * @param trainer who holds the lease; empty while the request waits
     * @param token of the latest lease; 0 before the first
     * @param since when the latest lease was granted or ended, or the request was queued
     * @param ends why each lease ended that did not finish the update, oldest first
     */
    public record Entry(UpdateRequest request, Optional<String> trainer, long token, Instant since, List<String> ends) {
        public Entry {
            ends = List.copyOf(ends);
        }
    }
}
