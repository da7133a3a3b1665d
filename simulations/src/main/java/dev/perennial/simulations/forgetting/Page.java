package dev.perennial.simulations.forgetting;

import dev.perennial.simulations.page.HtmlPage;
import dev.perennial.simulations.page.LineChart;
import dev.perennial.simulations.page.LineChart.Axis;
import dev.perennial.simulations.page.LineChart.Line;
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
    private Page() {}

    static void write(Findings findings, Path file) throws IOException {
        Files.writeString(file, html(findings));
    }

    static String html(Findings findings) {
        Findings.Setup setup = findings.setup();
        StringBuilder body = new StringBuilder();
        body.append("<h1>Forgetting: ")
                .append(HtmlPage.escaped(setup.sequence()))
                .append("</h1>\n");
        body.append(String.format(
                Locale.ROOT,
                "<p>%d updates one after another, %d seeds, %d orders. Accuracy is exact match on questions that no"
                        + " update trained on.</p>%n",
                setup.tasks().size(),
                setup.seeds(),
                setup.orders()));
        body.append(table(findings));
        body.append(accuracies("Accuracy on all tasks learned so far", findings, Page::soFar));
        body.append(accuracies(
                "Accuracy on the first task",
                findings,
                method -> method.matrix().stream().map(row -> 100 * row.get(0)).toList()));
        body.append("<h2>Accuracy on each task after each update</h2>\n"
                + "<p class=\"note\">Rows are updates, columns are tasks by place in the sequence, in percent,"
                + " mean over the runs. Row 0 is the base.</p>\n"
                + "<div class=\"maps\">\n");
        findings.methods().forEach(method -> body.append(heatMap(method)));
        body.append("</div>\n<h2>Setup</h2>\n<p class=\"note\">");
        body.append(String.format(
                Locale.ROOT,
                "Tasks in their own order: %s.</p>%n",
                HtmlPage.escaped(String.join(", ", setup.tasks()))));
        body.append(String.format(Locale.ROOT, "<p class=\"note\">%s</p>%n", HtmlPage.escaped(setup.policy())));
        return HtmlPage.document("Forgetting: " + setup.sequence(), body.toString());
    }

    private static String accuracies(String title, Findings findings, Function<MethodSummary, List<Double>> percents) {
        return new LineChart(
                        title,
                        updates(findings.setup().tasks().size()),
                        new Axis("exact match, %", 0, 100),
                        findings.methods().stream()
                                .filter(method -> !method.learnedOnce())
                                .map(method -> Line.counted(method.name(), percents.apply(method)))
                                .toList())
                .svg();
    }

    /** @param count at least 1; the axis has room for two */
    static Axis updates(int count) {
        return new Axis("updates", 1, Math.max(2, count));
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
                    HtmlPage.escaped(method.name())));
            cell(table, percent(method, run -> run.matrix().averageAccuracy()));
            cell(
                    table,
                    findings.gapClosed(method)
                            .map(share -> String.format(Locale.ROOT, "%.0f", 100 * share))
                            .orElse("-"));
            cell(table, unlessOnce(method, run -> run.matrix().backwardTransfer()));
            cell(table, unlessOnce(method, run -> run.matrix().forwardTransfer()));
            cell(table, unlessOnce(method, run -> run.matrix().forgetting()));
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

    private static String unlessOnce(MethodSummary method, Function<RunResult, Double> figure) {
        return method.learnedOnce() ? "-" : percent(method, figure);
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
                "<figure><figcaption>%s%s</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                HtmlPage.escaped(method.name()),
                method.learnedOnce() ? ", learned once, at the end" : "",
                24 + tasks * cell,
                rows.size() * cell,
                HtmlPage.escaped("accuracy matrix of " + method.name())));
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
}
