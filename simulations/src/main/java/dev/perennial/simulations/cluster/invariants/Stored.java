package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What lies in the tables beside the journal.
 *
 * @param examples ids by domain
 */
public record Stored(Map<DomainId, Set<String>> examples, List<Feedback> feedback) {
    public Stored {
        examples = Map.copyOf(examples);
        feedback = List.copyOf(feedback);
    }

    public record Feedback(DomainId domain, String id, String comment) {}
}
