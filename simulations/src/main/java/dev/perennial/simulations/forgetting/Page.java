package dev.perennial.simulations.forgetting;

import dev.perennial.simulations.forgetting.Curves.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Findings as one HTML page that needs nothing else: figures, curves, and each method's accuracy matrix as a heat map. */
final class Page {
    private static final String STYLE = """
            :root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --line: #d5d5d5; --faint: #666; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #161616; --line: #3a3a3a; --faint: #a0a0a0; } }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 70rem;
                   margin: 2rem auto; padding: 0 1rem; }
            table { border-collapse: collapse; margin: 1rem 0; } .wide { overflow-x: auto; }
            th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
            th:first-child, td:first-child { text-align: left; } tr.default td { font-weight: 600; }
            svg text { fill: var(--faint); font-size: 12px; } .grid { stroke: var(--line); }
            figure { margin: 1.5rem 0; } figcaption { font-weight: 600; } figure > svg { width: 100%; max-width: 44rem; }
            .legend { color: var(--faint); } .legend span { margin-right: 1rem; white-space: nowrap; }
            .key { width: 24px; height: 8px; margin-right: .3rem; }
            .maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1rem; }
            .maps svg { width: 100%; } .maps .cell { font-size: 10px; fill: var(--ink); }
            p.note { color: var(--faint); }
            """;

    private Page() {}

    static void write(Findings findings, Path file) throws IOException {
        Files.writeString(file, html(findings));
    }

    /** The page beside a report: its name with {@code .html} for {@code .json}. */
    static Path beside(Path report) {
        String name = report.getFileName().toString();
        return report.resolveSibling((name.endsWith(".json") ? name.substring(0, name.length() - 5) : name) + ".html");
    }

    static String html(Findings findings) {
        Findings.Setup setup = findings.setup();
        StringBuilder body = new StringBuilder();
        body.append("<h1>Forgetting: ").append(escaped(setup.sequence())).append("</h1>\n");
        body.append(String.format(
                Locale.ROOT,
                "<p>%d updates one after another, %d seeds, %d orders. Accuracy is exact match on questions that no update"
                        + " trained on.</p>%n",
                setup.tasks().size(),
                setup.seeds(),
                setup.orders()));
        body.append(table(findings));
        body.append(Curves.svg(
                "Accuracy on all tasks learned so far",
                "update",
                "%",
                100,
                findings.methods().stream()
                        .map(method -> new Line(method.name(), soFar(method)))
                        .toList()));
        body.append(Curves.svg(
                "Accuracy on the first task",
                "update",
                "%",
                100,
                findings.methods().stream()
                        .map(method -> new Line(
                                method.name(),
                                method.matrix().stream()
                                        .map(row -> 100 * row.get(0))
                                        .toList()))
                        .toList()));
        body.append(
                "<h2>Accuracy on each task after each update</h2>\n<p class=\"note\">Rows are updates, columns are tasks"
                        + " by place in the sequence, in percent, mean over the runs. Row 0 is the base.</p>\n<div class=\"maps\">\n");
        findings.methods().forEach(method -> body.append(heatMap(method)));
        body.append("</div>\n<h2>Setup</h2>\n<p class=\"note\">");
        body.append(String.format(
                Locale.ROOT, "Tasks in their own order: %s.</p>%n", escaped(String.join(", ", setup.tasks()))));
        body.append(String.format(Locale.ROOT, "<p class=\"note\">%s</p>%n", escaped(setup.policy())));
        return document("Forgetting: " + setup.sequence(), body.toString());
    }

    static String document(String title, String body) {
        return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" + escaped(title)
                + "</title>\n<style>\n" + STYLE + "</style></head>\n<body>\n" + body + "</body></html>\n";
    }

    private static String table(Findings findings) {
        StringBuilder table = new StringBuilder("<div class=\"wide\"><table><tr>");
        for (String head : List.of(
                "method",
                "accuracy",
                "of the gap",
                "backward",
                "forward",
                "forgetting",
                "general",
                "kept",
                "trained",
                "stored KiB",
                "seconds")) {
            table.append("<th>").append(head).append("</th>");
        }
        table.append("</tr>\n");
        for (MethodSummary method : findings.methods()) {
            table.append(String.format(
                    Locale.ROOT,
                    "<tr%s><td>%s</td>",
                    method.name().equals(findings.standard()) ? " class=\"default\"" : "",
                    escaped(method.name())));
            cell(table, percent(method, run -> run.matrix().averageAccuracy()));
            cell(
                    table,
                    findings.gapClosed(method)
                            .map(share -> String.format(Locale.ROOT, "%.0f", 100 * share))
                            .orElse("-"));
            cell(table, percent(method, run -> run.matrix().backwardTransfer()));
            cell(table, percent(method, run -> run.matrix().forwardTransfer()));
            cell(table, percent(method, run -> run.matrix().forgetting()));
            cell(table, percent(method, RunResult::generalChange));
            cell(table, percent(method, RunResult::bufferShare));
            cell(table, whole(method, run -> (double) run.trainedParameters()));
            cell(table, whole(method, run -> run.storedBytes() / 1024.0));
            cell(table, whole(method, RunResult::seconds));
            table.append("</tr>\n");
        }
        return table.append(
                        "</table></div>\n<p class=\"note\">Percent, ± the standard deviation over the runs. The default"
                                + " method of a domain is in bold.</p>\n")
                .toString();
    }

    private static String percent(MethodSummary method, Function<RunResult, Double> figure) {
        Spread spread = method.over(figure);
        return String.format(Locale.ROOT, "%.1f", 100 * spread.mean())
                + (spread.spread() > 0 ? String.format(Locale.ROOT, " ± %.1f", 100 * spread.spread()) : "");
    }

    private static String whole(MethodSummary method, Function<RunResult, Double> figure) {
        return String.format(Locale.ROOT, "%,.0f", method.over(figure).mean());
    }

    private static void cell(StringBuilder table, String content) {
        table.append("<td>").append(content).append("</td>");
    }

    /** [tasks] after each update, mean accuracy on those that were learned by then, percent. */
    private static List<Double> soFar(MethodSummary method) {
        List<List<Double>> matrix = method.matrix();
        return IntStream.range(0, matrix.size())
                .mapToObj(i -> 100
                        * matrix.get(i).subList(0, i + 1).stream()
                                .mapToDouble(Double::doubleValue)
                                .average()
                                .orElse(0))
                .toList();
    }

    private static String heatMap(MethodSummary method) {
        List<List<Double>> rows = new ArrayList<>();
        rows.add(method.before());
        rows.addAll(method.matrix());
        int tasks = method.before().size();
        int cell = 28;
        StringBuilder map = new StringBuilder();
        map.append(String.format(
                Locale.ROOT,
                "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                escaped(method.name()),
                24 + tasks * cell,
                rows.size() * cell,
                escaped("accuracy matrix of " + method.name())));
        for (int i = 0; i < rows.size(); i++) {
            map.append(String.format(
                    Locale.ROOT, "<text x=\"18\" y=\"%d\" text-anchor=\"end\">%d</text>%n", i * cell + 18, i));
            for (int j = 0; j < tasks; j++) {
                double value = rows.get(i).get(j);
                map.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#0072b2\" fill-opacity=\"%.2f\"/>"
                                + "<text class=\"cell\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%.0f</text>%n",
                        24 + j * cell,
                        i * cell,
                        cell - 1,
                        cell - 1,
                        0.04 + 0.6 * value,
                        24 + j * cell + cell / 2,
                        i * cell + 18,
                        100 * value));
            }
        }
        return map.append("</svg></figure>\n").toString();
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
