package dev.perennial.simulations.cluster.invariants;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/** What nodes show, as tests write it down. */
final class Shown {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Shown() {}

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    static Served live(int node, String version) {
        return new Served(
                node, Records.NEWS, json("{\"live_version\":\"" + version + "\"}"), JSON.createArrayNode(), List.of());
    }
}
