package dev.perennial.simulations.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.intake.ExampleParser;
import java.util.List;
import java.util.random.RandomGenerator;

/** Examples that nobody else sends, with the ids by which the cluster will know them. */
final class Examples {
    private static final List<String> SUBJECTS =
            List.of("Ironwood", "Mira Castell", "Lindow", "the harbour", "the mill");

    private final String worker;
    private final RandomGenerator random;
    private int next;

    /** @param worker no other worker of the run has this name */
    Examples(String worker, RandomGenerator random) {
        this.worker = worker;
        this.random = random;
    }

    /** @param json as it is sent */
    record Example(String id, String json) {}

    Example next() {
        ObjectNode row = ClusterClient.JSON.createObjectNode();
        row.put(
                "prompt",
                "What of " + SUBJECTS.get(random.nextInt(SUBJECTS.size())) + ", " + worker + " " + next++ + "?");
        row.put("completion", Long.toHexString(random.nextLong()));
        return new Example(id(row), row.toString());
    }

    static String id(JsonNode row) {
        return ExampleParser.parse(row).ref().id();
    }
}
