package dev.perennial.simulations.forgetting;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * What an experiment found so far, as JSON for programs and as a table for people.
 *
 * @param standard name of the method that a domain has when nothing else is said
 */
record Findings(Setup setup, String standard, List<RunResult> results) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LOWER = "lora";
    private static final String UPPER = "joint";

    Findings {
        results = List.copyOf(results);
    }

    /** What the experiment is of. */
    record Setup(String sequence, List<String> tasks, int seeds, int orders, String policy) {}

    List<MethodSummary> methods() {
        return MethodSummary.of(results);
    }

    /** What part of the way in average accuracy from sequential LoRA to joint training a method goes; empty without them. */
    Optional<Double> gapClosed(MethodSummary method) {
        Optional<Double> lower = accuracy(LOWER);
        Optional<Double> upper = accuracy(UPPER);
        return lower.isEmpty() || upper.isEmpty() || upper.get() <= lower.get()
                ? Optional.empty()
                : Optional.of((method.averageAccuracy().mean() - lower.get()) / (upper.get() - lower.get()));
    }

    private Optional<Double> accuracy(String name) {
        return methods().stream()
                .filter(method -> method.name().equals(name))
                .findFirst()
                .map(method -> method.averageAccuracy().mean());
    }

    void write(Path file) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json());
    }

    private ObjectNode json() {
        ObjectNode json = JSON.createObjectNode();
        json.put("sequence", setup.sequence());
        json.put("tasks", setup.tasks().size());
        json.put("seeds", setup.seeds());
        json.put("orders", setup.orders());
        json.set("task_names", JSON.valueToTree(setup.tasks()));
        json.put("policy", setup.policy());
        ArrayNode methods = json.putArray("methods");
        methods().forEach(method -> methods.add(json(method)));
        return json;
    }

    private ObjectNode json(MethodSummary method) {
        ObjectNode json = JSON.createObjectNode();
        json.put("name", method.name());
        json.put("default", method.name().equals(standard));
        json.put("learned_once", method.learnedOnce());
        spread(json, "average_accuracy", method, run -> run.matrix().averageAccuracy());
        spread(json, "backward_transfer", method, unlessOnce(run -> run.matrix().backwardTransfer()));
        spread(json, "forward_transfer", method, unlessOnce(run -> run.matrix().forwardTransfer()));
        spread(json, "forgetting", method, unlessOnce(run -> run.matrix().forgetting()));
        spread(json, "learned_accuracy", method, unlessOnce(run -> run.matrix().learned()));
        spread(json, "general_change", method, RunResult::generalChange);
        gapClosed(method).ifPresent(share -> json.put("gap_closed", share));
        json.put("buffer_share", largest(method, RunResult::bufferShare));
        json.put("trained_parameters", (long) largest(method, run -> (double) run.trainedParameters()));
        json.put("stored_bytes", (long) largest(method, run -> (double) run.storedBytes()));
        json.put("seconds", method.over(RunResult::seconds).mean());
        json.set("before", JSON.valueToTree(method.before()));
        json.set("matrix", JSON.valueToTree(method.matrix()));
        json.set("runs", JSON.valueToTree(method.runs()));
        return json;
    }

    /** A number for programs where there is none; {@code learned_once} tells it from one that was measured. */
    private static Function<RunResult, Double> unlessOnce(Function<RunResult, Double> figure) {
        return run -> run.learnedOnce() ? 0 : figure.apply(run);
    }

    private static void spread(ObjectNode json, String name, MethodSummary method, Function<RunResult, Double> figure) {
        Spread spread = method.over(figure);
        json.putObject(name).put("mean", spread.mean()).put("spread", spread.spread());
    }

    private static double largest(MethodSummary method, Function<RunResult, Double> figure) {
        return method.runs().stream()
                .map(figure)
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(0);
    }

    /** One line a method; accuracies and changes in percent, with the standard deviation where there is one. */
    String table() {
        int width = Math.max(
                6, results.stream().mapToInt(run -> run.method().length()).max().orElse(0));
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "%-" + (width + 1) + "s  %12s  %6s  %12s  %8s  %10s  %7s  %12s  %6s  %8s  %8s%n",
                "method",
                "accuracy %",
                "gap %",
                "backward",
                "forward",
                "forgetting",
                "learned",
                "general",
                "kept %",
                "KiB",
                "seconds"));
        for (MethodSummary method : methods()) {
            table.append(String.format(
                    Locale.ROOT,
                    "%-" + (width + 1) + "s  %12s  %6s  %12s  %8s  %10s  %7s  %12s  %6.1f  %8.0f  %8.0f%n",
                    method.name() + (method.name().equals(standard) ? "*" : ""),
                    percent(method.averageAccuracy(), "%.1f"),
                    gapClosed(method)
                            .map(share -> String.format(Locale.ROOT, "%.0f", 100 * share))
                            .orElse("-"),
                    method.learnedOnce()
                            ? "-"
                            : percent(method.over(run -> run.matrix().backwardTransfer()), "%+.1f"),
                    mean(method, run -> run.matrix().forwardTransfer()),
                    mean(method, run -> run.matrix().forgetting()),
                    mean(method, run -> run.matrix().learned()),
                    percent(method.over(RunResult::generalChange), "%+.1f"),
                    100 * largest(method, RunResult::bufferShare),
                    largest(method, run -> (double) run.storedBytes()) / 1024,
                    method.over(RunResult::seconds).mean()));
        }
        return table.toString();
    }

    private static String mean(MethodSummary method, Function<RunResult, Double> figure) {
        return method.learnedOnce()
                ? "-"
                : String.format(Locale.ROOT, "%.1f", 100 * method.over(figure).mean());
    }

    private static String percent(Spread spread, String format) {
        String mean = String.format(Locale.ROOT, format, 100 * spread.mean());
        return spread.spread() == 0 ? mean : mean + String.format(Locale.ROOT, "±%.1f", 100 * spread.spread());
    }
}
