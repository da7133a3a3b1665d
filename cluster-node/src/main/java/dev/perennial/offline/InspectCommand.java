package dev.perennial.offline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.learning.Inspection;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inspect}: what a directory is, for a person or as JSON. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = {
            "Says what a directory is, a base model or a PEFT adapter, and whether it is supported, with every reason where"
                    + " it is not.",
            "",
            "Of an adapter the table shows, for each projection, the Frobenius norm of what it adds to a layer's weights."
                    + " The exit code is 0 whether or not the directory is supported, 1 where it is neither."
        })
public final class InspectCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = "Directory of a base model or an adapter.")
    private Path directory = Path.of("");

    @Option(names = "--model", paramLabel = "DIR", description = "A base model: says whether the adapter fits it.")
    private @Nullable Path model;

    @Option(names = "--json", description = "One JSON object in place of a table.")
    private boolean json;

    @Override
    public Integer call() {
        Inspection inspection = Inspection.of(directory, Optional.ofNullable(model));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode object = JSON.valueToTree(inspection.facts());
            if (!inspection.norms().isEmpty()) {
                object.set("norms", JSON.valueToTree(inspection.norms()));
            }
            out.println(object);
        } else {
            print(inspection, out);
        }
        InputRows.check(out);
        return 0;
    }

    private static void print(Inspection inspection, PrintWriter out) {
        int width = inspection.facts().keySet().stream()
                .mapToInt(String::length)
                .max()
                .orElse(0);
        inspection.facts().forEach((name, value) -> {
            String label = name.replace('_', ' ');
            // reasons are long: each has a line of its own
            List<String> lines = name.equals("because") && value instanceof List<?> reasons
                    ? reasons.stream().map(String::valueOf).toList()
                    : List.of(shown(value));
            for (String line : lines) {
                out.printf("%-" + width + "s  %s%n", label, line);
                label = "";
            }
        });
        if (!inspection.norms().isEmpty()) {
            out.println();
            List<List<String>> table = new ArrayList<>();
            table.add(List.of("projection", "modules", "rank", "scale", "mean norm", "largest norm"));
            for (Inspection.Norms row : inspection.norms()) {
                table.add(List.of(
                        row.projection(),
                        shown(row.modules()),
                        shown(row.rank()),
                        shown(row.scale()),
                        shown(row.mean()),
                        shown(row.largest())));
            }
            for (List<String> row : table) {
                out.printf("%-12s%9s%7s%10s%12s%15s%n", row.toArray());
            }
        }
    }

    private static String shown(Object value) {
        if (value instanceof Boolean yes) {
            return yes ? "yes" : "no";
        }
        if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            return number == Math.rint(number) && Math.abs(number) < 1e9
                    ? String.format(Locale.ROOT, "%,d", (long) number)
                    : String.format(Locale.ROOT, "%.4g", number);
        }
        if (value instanceof Number number) {
            return String.format(Locale.ROOT, "%,d", number.longValue());
        }
        if (value instanceof List<?> list) {
            return list.isEmpty()
                    ? "none"
                    : String.join(", ", list.stream().map(InspectCommand::shown).toList());
        }
        if (value instanceof Map<?, ?> map) {
            return String.join(
                    ", ",
                    map.entrySet().stream()
                            .map(entry -> entry.getKey() + " " + shown(entry.getValue()))
                            .toList());
        }
        return String.valueOf(value);
    }
}
