package dev.perennial.simulations.schedule;

import dev.perennial.simulations.page.HtmlPage;
import dev.perennial.simulations.page.LineChart;
import dev.perennial.simulations.page.LineChart.Axis;
import dev.perennial.simulations.page.LineChart.Line;
import dev.perennial.simulations.page.LineChart.Point;
import dev.perennial.simulations.schedule.Comparison.Row;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** One HTML page without anything from elsewhere: a table, a curve of each policy over time, a bar for each figure. */
final class SchedulePage {
    private static final int WIDTH = 560;
    private static final int LABELS = 190;
    private static final int BAR = 22;
    private static final int GAP = 8;
    private static final int MOST_POINTS = 240;
    private static final double MILLION = 1e6;

    private final Comparison comparison;
    private final Scale scale;

    private SchedulePage(Comparison comparison, Scale scale) {
        this.comparison = comparison;
        this.scale = scale;
    }

    static String of(Comparison comparison, Scale scale, int seeds) {
        return new SchedulePage(comparison, scale).page(seeds);
    }

    private String page(int seeds) {
        List<Line> gained = lines(row -> row.course(moment -> moment.answers() / MILLION));
        List<Line> queued = lines(row -> row.course(Outcome.Moment::queued));
        Axis days = new Axis("days", 0, scale.days());
        String body = "<h1>Scheduling at scale</h1>\n"
                + String.format(
                        Locale.ROOT,
                        "<p>%,d domains, %,d GPUs, %d days, %d tenants, mean of %d seeds. The starred policy is the"
                                + " default.</p>%n",
                        scale.domains(),
                        scale.gpus(),
                        scale.days(),
                        scale.tenants(),
                        seeds)
                + "<pre>" + HtmlPage.escaped(comparison.table()) + "</pre>\n"
                + new LineChart(
                                "Quality gained: answers that became right, counted when their update is over (more is"
                                        + " better)",
                                days,
                                Axis.above("million answers", gained),
                                gained)
                        .svg()
                + "<p class=\"note\">An update is credited with what it makes right until the end of the run, so that"
                + " late ones add little.</p>\n"
                + new LineChart("Requests that wait for a GPU", days, Axis.above("requests", queued), queued).svg()
                + new LineChart(
                                "Staleness: how long the oldest example of a domain has waited, all domains, every six"
                                        + " hours (further left is better)",
                                new Axis("hours", 0, scale.hours()),
                                new Axis("of the domains with something to learn, % that are less stale", 0, 100),
                                lines(this::staleness))
                        .svg()
                + bars("Answers that became right for each GPU hour, thousands (more is better)", "%.3f", Row::quality)
                + bars("Requests that waited for more than a week (fewer is better)", "%,.0f", Row::starved)
                + bars("Deadlines missed (fewer is better)", "%,.0f", Row::missed)
                + bars("Jain's index over tenants (1 is fair)", "%.3f", Row::fairness);
        return HtmlPage.document("Scheduling at scale", body);
    }

    private List<Line> lines(Function<Row, List<Point>> points) {
        return comparison.rows().stream()
                .map(row -> new Line(name(row), points.apply(row)))
                .toList();
    }

    private static String name(Row row) {
        return row.name() + (row.isDefault() ? " *" : "");
    }

    /** Percent of the samples, at whole hours. */
    private List<Point> staleness(Row row) {
        int step = (int) Math.ceil(scale.hours() / MOST_POINTS);
        return IntStream.rangeClosed(0, (int) scale.hours() / step)
                .mapToObj(i -> new Point(i * step, 100 * row.mean(outcome -> outcome.shareStaleForLess(i * step))))
                .toList();
    }

    private String bars(String title, String format, ToDoubleFunction<Row> figure) {
        double most = comparison.rows().stream().mapToDouble(figure).max().orElse(1);
        StringBuilder bars = new StringBuilder();
        bars.append(String.format(
                Locale.ROOT,
                "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                HtmlPage.escaped(title),
                LABELS + WIDTH + 90,
                comparison.rows().size() * (BAR + GAP),
                HtmlPage.escaped(title)));
        int y = 0;
        for (Row row : comparison.rows()) {
            double value = figure.applyAsDouble(row);
            double length = most > 0 ? WIDTH * value / most : 0;
            bars.append(String.format(
                    Locale.ROOT,
                    "<text class=\"name\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
                            + "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>"
                            + "<text x=\"%.1f\" y=\"%d\">%s</text>%n",
                    LABELS - 8,
                    y + BAR - 6,
                    HtmlPage.escaped(name(row)),
                    row.isDefault() ? "bar default" : "bar",
                    LABELS,
                    y,
                    length,
                    BAR,
                    LABELS + length + 6,
                    y + BAR - 6,
                    String.format(Locale.ROOT, format, value)));
            y += BAR + GAP;
        }
        return bars.append("</svg></figure>\n").toString();
    }
}
