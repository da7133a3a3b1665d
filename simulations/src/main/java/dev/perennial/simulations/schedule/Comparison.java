package dev.perennial.simulations.schedule;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.simulations.page.LineChart.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The outcomes of policies, each over the same seeds. What is shown is the mean over the seeds. */
record Comparison(List<Row> rows) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param outcomes one for each seed */
    record Row(String name, boolean isDefault, List<Outcome> outcomes) {
        double mean(ToDoubleFunction<Outcome> figure) {
            return outcomes.stream().mapToDouble(figure).average().orElse(Double.NaN);
        }

        double quality() {
            return mean(Outcome::qualityPerGpuHour);
        }

        double staleness(double share) {
            return mean(outcome -> outcome.stalenessQuantile(share));
        }

        double starved() {
            return mean(outcome -> outcome.starved);
        }

        double missed() {
            return mean(outcome -> outcome.missedDeadlines);
        }

        double fairness() {
            return mean(Outcome::fairness);
        }

        /** Over the days. The moments of all seeds are at the same hours, as these follow from the scale alone. */
        List<Point> course(ToDoubleFunction<Outcome.Moment> figure) {
            List<Outcome.Moment> first = outcomes.get(0).moments();
            return IntStream.range(0, first.size())
                    .mapToObj(i -> new Point(
                            first.get(i).hour() / 24,
                            mean(outcome ->
                                    figure.applyAsDouble(outcome.moments().get(i)))))
                    .toList();
        }
    }

    ObjectNode json() {
        ObjectNode report = JSON.createObjectNode();
        ArrayNode policies = report.putArray("policies");
        for (Row row : rows) {
            ObjectNode policy = policies.addObject();
            policy.put("name", row.name());
            policy.put("default", row.isDefault());
            policy.put("quality_per_gpu_hour", row.quality());
            policy.putObject("staleness_hours").put("p50", row.staleness(0.5)).put("p99", row.staleness(0.99));
            policy.put("starved", Math.round(row.starved()));
            policy.put("deadline_misses", Math.round(row.missed()));
            policy.put("fairness", row.fairness());
        }
        return report;
    }

    /** For a terminal. Quality is in thousands of answers that became right. */
    String table() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%-24s %12s %10s %10s %9s %9s %9s %9s %9s",
                "policy",
                "quality/h",
                "stale p50",
                "stale p99",
                "starved",
                "missed",
                "fairness",
                "updates",
                "GPU use"));
        for (Row row : rows) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-24s %12.3f %9.1fh %9.1fh %9.0f %9.0f %9.3f %9.0f %8.0fh",
                    row.name() + (row.isDefault() ? " *" : ""),
                    row.quality(),
                    row.staleness(0.5),
                    row.staleness(0.99),
                    row.starved(),
                    row.missed(),
                    row.fairness(),
                    row.mean(outcome -> outcome.learned),
                    row.mean(outcome -> outcome.gpuHours)));
        }
        return String.join("\n", lines);
    }
}
