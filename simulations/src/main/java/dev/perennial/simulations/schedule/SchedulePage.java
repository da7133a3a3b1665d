package dev.perennial.simulations.schedule;

import dev.perennial.simulations.schedule.Comparison.Row;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** One HTML page without anything from elsewhere: a table, and a bar for each policy and figure. */
final class SchedulePage {
    private static final int WIDTH = 560;
    private static final int LABELS = 190;
    private static final int BAR = 22;
    private static final int GAP = 8;

    private SchedulePage() {}

    static String of(Comparison comparison, Scale scale, int seeds) {
        StringBuilder page = new StringBuilder();
        page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Scheduling at scale</title><style>"
                + "body{font:15px system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}"
                + "pre{background:#f4f4f4;padding:1em;overflow-x:auto}h2{font-size:1em;margin:2em 0 .5em}"
                + "text{font:13px system-ui,sans-serif}</style><h1>Scheduling at scale</h1>");
        page.append(String.format(
                Locale.ROOT,
                "<p>%,d domains, %,d GPUs, %d days, %d tenants, mean of %d seeds. The starred policy is the default.</p>",
                scale.domains(),
                scale.gpus(),
                scale.days(),
                scale.tenants(),
                seeds));
        page.append("<pre>").append(comparison.table()).append("</pre>");
        chart(
                page,
                comparison,
                "Answers that became right for each GPU hour, thousands (more is better)",
                Row::quality);
        chart(page, comparison, "Staleness, median, hours (less is better)", row -> row.staleness(0.5));
        chart(page, comparison, "Staleness, 99th percentile, hours (less is better)", row -> row.staleness(0.99));
        chart(page, comparison, "Requests that waited for more than a week (fewer is better)", Row::starved);
        chart(page, comparison, "Deadlines missed (fewer is better)", Row::missed);
        chart(page, comparison, "Jain's index over tenants (1 is fair)", Row::fairness);
        return page.append("</html>\n").toString();
    }

    private static void chart(StringBuilder page, Comparison comparison, String title, ToDoubleFunction<Row> figure) {
        double most = comparison.rows().stream().mapToDouble(figure).max().orElse(1);
        int height = comparison.rows().size() * (BAR + GAP);
        page.append("<h2>").append(title).append("</h2>");
        page.append(String.format(
                Locale.ROOT, "<svg width=\"%d\" height=\"%d\" role=\"img\">", LABELS + WIDTH + 90, height));
        int y = 0;
        for (Row row : comparison.rows()) {
            double value = figure.applyAsDouble(row);
            double length = most > 0 ? WIDTH * value / most : 0;
            page.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text><rect x=\"%d\" y=\"%d\" width=\"%.1f\""
                            + " height=\"%d\" fill=\"%s\"/><text x=\"%.1f\" y=\"%d\">%.4g</text>",
                    LABELS - 8,
                    y + BAR - 6,
                    row.name(),
                    LABELS,
                    y,
                    length,
                    BAR,
                    row.isDefault() ? "#2a6fb0" : "#a9b4bf",
                    LABELS + length + 6,
                    y + BAR - 6,
                    value));
            y += BAR + GAP;
        }
        page.append("</svg>");
    }
}
