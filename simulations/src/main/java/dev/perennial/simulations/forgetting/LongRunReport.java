package dev.perennial.simulations.forgetting;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.simulations.forgetting.LongRun.Point;
import dev.perennial.simulations.page.HtmlPage;
import dev.perennial.simulations.page.LineChart;
import dev.perennial.simulations.page.LineChart.Axis;
import dev.perennial.simulations.page.LineChart.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What a long run came to so far: JSON, a table of every tenth update, a page with curves. */
record LongRunReport(String method, int updates, long seed, String policy, List<Point> points) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int EVERY = 10;

    LongRunReport {
        points = List.copyOf(points);
    }

    void write(Path file) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("sequence", "long-run");
        json.put("method", method);
        json.put("updates", updates);
        json.put("seed", seed);
        json.put("policy", policy);
        ArrayNode all = json.putArray("points");
        for (Point point : points) {
            ObjectNode each = all.addObject();
            each.put("update", point.update());
            each.put("latest_accuracy", point.latest());
            each.put("stale_share", point.stale());
            if (Double.isFinite(point.general())) {
                each.put("general_accuracy", point.general());
            }
            each.put("adapter_bytes", point.adapterBytes());
            each.put("fisher_bytes", point.fisherBytes());
            each.put("buffer_bytes", point.textBytes());
            each.put("buffer_share", point.bufferShare());
            each.put("seconds", point.seconds());
        }
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
        Files.writeString(HtmlPage.beside(file), html());
    }

    /** One line each tenth update, and one for the last; seconds are the mean of those since the line before. */
    String table() {
        StringBuilder table = new StringBuilder(
                "update  latest %  stale %  general %  adapter KiB  Fisher KiB  buffer KiB  seconds\n");
        for (int from = 0; from < points.size(); from += EVERY) {
            List<Point> ten = points.subList(from, Math.min(from + EVERY, points.size()));
            Point point = ten.get(ten.size() - 1);
            table.append(String.format(
                    Locale.ROOT,
                    "%6d  %8.1f  %7.1f  %9.1f  %11.0f  %10.0f  %10.1f  %7.2f%n",
                    point.update(),
                    100 * point.latest(),
                    100 * point.stale(),
                    100 * point.general(),
                    point.adapterBytes() / 1024.0,
                    point.fisherBytes() / 1024.0,
                    point.textBytes() / 1024.0,
                    ten.stream().mapToDouble(Point::seconds).average().orElse(0)));
        }
        return table.toString();
    }

    private String html() {
        List<Line> answers = List.of(
                line("latest answer", point -> 100 * point.latest()),
                line("the answer before", point -> 100 * point.stale()),
                line("general suite", point -> 100 * point.general()));
        List<Line> seconds = List.of(line("seconds", Point::seconds));
        List<Line> stored = List.of(
                line("adapter", point -> point.adapterBytes() / 1024.0),
                line("Fisher information", point -> point.fisherBytes() / 1024.0),
                line("kept texts", point -> point.textBytes() / 1024.0));
        Axis exact = new Axis("exact match, %", 0, 100);
        String body = "<h1>" + updates + " updates of one domain</h1>\n<p>" + HtmlPage.escaped(method)
                + ". The same facts change again and again; asked for in phrasings that no update trained on.</p>\n"
                + chart("Answers to all facts that have changed by then", exact, answers)
                + chart("Time of an update", Axis.above("seconds", seconds), seconds)
                + chart("What is stored", Axis.above("KiB", stored), stored)
                + "<pre>" + HtmlPage.escaped(table()) + "</pre>\n<p class=\"note\">" + HtmlPage.escaped(policy)
                + "</p>\n";
        return HtmlPage.document(updates + " updates of one domain", body);
    }

    private String chart(String title, Axis up, List<Line> lines) {
        return new LineChart(title, Page.updates(points.size()), up, lines).svg();
    }

    private Line line(String name, ToDoubleFunction<Point> figure) {
        return Line.counted(name, points.stream().mapToDouble(figure).boxed().toList());
    }
}
