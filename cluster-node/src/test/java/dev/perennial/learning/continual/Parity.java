package dev.perennial.learning.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.ParameterValues;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.learning.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What {@code make_continual.py} wrote, and how it is compared with. */
final class Parity implements AutoCloseable {
    private static final Path RESOURCES = Path.of("src/test/resources");

    final JsonNode values;
    final BaseModel base;
    final Adapter start;

    Parity() throws IOException {
        values = new ObjectMapper().readTree(Files.readAllBytes(RESOURCES.resolve("continual/values.json")));
        base = BaseModel.open(RESOURCES.resolve("reference/untied"));
        start = PeftDirectory.read(base, RESOURCES.resolve("reference/adapter"));
    }

    /** Sequences of one name, all of them. */
    List<Sequence> sequences(String name) {
        List<Sequence> sequences = new ArrayList<>();
        for (JsonNode row : values.path(name)) {
            int[] ids = new int[row.path("ids").size()];
            boolean[] mask = new boolean[ids.length];
            for (int t = 0; t < ids.length; t++) {
                ids[t] = row.path("ids").path(t).asInt();
                mask[t] = row.path("mask").path(t).asInt() == 1;
            }
            sequences.add(new Sequence(ids, mask, true));
        }
        return sequences;
    }

    static List<Sequence> chosen(List<Sequence> all, JsonNode places) {
        List<Sequence> chosen = new ArrayList<>();
        places.forEach(place -> chosen.add(all.get(place.asInt())));
        return chosen;
    }

    ParameterValues expected(String name) {
        return ParameterValues.read(RESOURCES.resolve("continual/" + name + ".safetensors"));
    }

    ParameterValues of(Adapter adapter) {
        return ParameterValues.of(base, adapter);
    }

    /** |expected - actual| / |expected - from|, over all parameters together. */
    static double distance(ParameterValues expected, ParameterValues actual, ParameterValues from) {
        return Math.sqrt(squares(expected, actual) / squares(expected, from));
    }

    private static double squares(ParameterValues first, ParameterValues second) {
        Map<String, float[]> others = second.values();
        double sum = 0;
        for (Map.Entry<String, float[]> each : first.values().entrySet()) {
            float[] other = Objects.requireNonNull(others.get(each.getKey()), each.getKey());
            assertEquals(each.getValue().length, other.length, each.getKey());
            for (int i = 0; i < other.length; i++) {
                double difference = (double) each.getValue()[i] - other[i];
                sum += difference * difference;
            }
        }
        return sum;
    }

    /** Prints how far off something is, and fails where that is too far. */
    static void within(String what, double off, double tolerance) {
        System.out.printf("%s: off by %.2e, allowed %.0e%n", what, Math.abs(off), tolerance);
        assertTrue(Math.abs(off) <= tolerance, what + " is off by " + off);
    }

    @Override
    public void close() {
        start.close();
        base.close();
    }
}
