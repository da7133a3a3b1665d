package dev.perennial;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A few of the quickstart's changed facts, and policies that learn them in seconds. */
final class Facts {
    private static final int TAKEN = 4;

    private final List<JsonNode> changed = new ArrayList<>();

    Facts() throws IOException {
        JsonNode story =
                NodeClient.JSON.readTree(Files.readString(Path.of("src/main/resources/quickstart/story.json")));
        for (int i = 0; i < TAKEN; i++) {
            changed.add(story.path("domains").path(0).path("changed").path(i));
        }
    }

    /** Each phrasing in which the fresh answers are taught. */
    List<Map<String, String>> examples() {
        List<Map<String, String>> rows = new ArrayList<>();
        for (JsonNode change : changed) {
            change.path("taught")
                    .forEach(prompt -> rows.add(Map.of(
                            "prompt",
                            prompt.asText(),
                            "completion",
                            change.path("fresh").asText())));
        }
        return rows;
    }

    String question() {
        return changed.get(0).path("asked").path(0).asText();
    }

    String stale() {
        return changed.get(0).path("stale").asText();
    }

    String fresh() {
        return changed.get(0).path("fresh").asText();
    }

    /** A domain that goes live after so many steps, whatever the rest of the model thinks of it. */
    static Map<String, Object> domain(String id, int steps) {
        return domain(id, steps, Map.of("held_out_share", 0, "general_tolerance", 0.5));
    }

    static Map<String, Object> domain(String id, int steps, Map<String, ?> gate) {
        Map<String, Object> training = new LinkedHashMap<>();
        training.put("rank", 8);
        training.put("learning_rate", 0.003);
        training.put("batch_size", 16);
        training.put("epochs", 1000);
        training.put("max_steps", steps);
        return Map.of("id", id, "description", "Who runs what.", "policy", Map.of("training", training, "gate", gate));
    }

    static Map<String, Object> update() {
        return Map.of("kind", "knowledge", "importance", 0.5);
    }
}
