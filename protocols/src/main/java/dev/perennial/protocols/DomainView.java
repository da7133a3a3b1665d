package dev.perennial.protocols;

import java.time.Instant;
import java.util.List;

/**
 * A domain as the API shows it.
 *
 * @param examples counts: accepted in all and not deleted, waiting for the next update, in the replay buffer, in the
 *     retained suite, deleted; groups of those that contradict each other; and held back after an update failed
 * @param openUpdates updates that are not final, oldest first
 */
public record DomainView(
        DomainId id,
        String description,
        VersionId liveVersion,
        Examples examples,
        List<UpdateId> openUpdates,
        DomainPolicy policy,
        Instant createdAt) {
    public DomainView {
        openUpdates = List.copyOf(openUpdates);
    }

    public record Examples(
            int accepted, int waiting, int replay, int retained, int deleted, int conflicts, int heldBack) {}
}
