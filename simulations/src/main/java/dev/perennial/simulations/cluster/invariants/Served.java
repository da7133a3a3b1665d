package dev.perennial.simulations.cluster.invariants;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.DomainId;
import java.util.List;

/**
 * What one node shows of one domain once all is quiet.
 *
 * @param view of {@code GET /v1/domains/D}
 * @param versions of {@code GET /v1/domains/D/versions}
 * @param updates of {@code GET /v1/updates/ID}, of every update
 */
public record Served(int node, DomainId domain, JsonNode view, JsonNode versions, List<JsonNode> updates) {
    public Served {
        updates = List.copyOf(updates);
    }
}
