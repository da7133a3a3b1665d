package dev.perennial.simulations.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures of one run in the order in which they were added: a table for people, JSON for programs. */
final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode fields = JSON.createObjectNode();
    private final List<String[]> lines = new ArrayList<>();

    /** A name or a setting. */
    Report setting(String name, String value) {
        fields.put(name, value);
        lines.add(new String[] {name, value, ""});
        return this;
    }

    Report setting(String name, long value) {
        fields.put(name, value);
        lines.add(new String[] {name, String.valueOf(value), ""});
        return this;
    }

    /**
     * A measured figure.
     *
     * @param name snake case, the field in JSON
     * @param unit shown in the table; empty where the name says it
     */
    Report figure(String name, double value, String unit) {
        fields.put(name, value);
        lines.add(new String[] {name, String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.1f", value), unit});
        return this;
    }

    /** An amount of memory, named {@code ..._bytes}: bytes in JSON, mebibytes in the table. */
    Report bytes(String name, long value) {
        fields.put(name, value);
        String label = name.replaceFirst("_bytes$", "");
        lines.add(new String[] {label, String.format(Locale.ROOT, "%.1f", value / 0x1p20), "MiB"});
        return this;
    }

    /** A value for each step, in JSON only. */
    Report series(String name, double[] values) {
        var array = fields.putArray(name);
        for (double value : values) {
            array.add(value);
        }
        return this;
    }

    void write(Path file) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), fields);
    }

    /** One line a figure: name, value flush right, unit. */
    String table() {
        int names = lines.stream().mapToInt(line -> line[0].length()).max().orElse(1);
        int values = lines.stream().mapToInt(line -> line[1].length()).max().orElse(1);
        StringBuilder table = new StringBuilder();
        for (String[] line : lines) {
            String text = String.format(
                    Locale.ROOT, "%-" + names + "s  %" + values + "s  %s", line[0].replace('_', ' '), line[1], line[2]);
            table.append(text.stripTrailing()).append('\n');
        }
        return table.toString();
    }
}
