package dev.perennial.simulations.cluster;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A page without anything from elsewhere: the figures, and faults over time above the latency of every probe. */
final class TimelinePage {
    private static final int WIDTH = 1_200;
    private static final int LEFT = 70;
    private static final int LANE = 16;
    private static final int PLOT = 260;
    private static final int BELOW = 40;
    private static final double LEAST_SECONDS = 0.001;
    private static final double MOST_SECONDS = 100;
    private static final int MOST_DOTS = 6_000;

    private final ClusterReport report;
    private final double seconds;
    private final StringBuilder svg = new StringBuilder();

    private TimelinePage(ClusterReport report) {
        this.report = report;
        this.seconds = Math.max(
                1,
                Math.max(
                        report.seconds(),
                        report.episodes().stream()
                                .mapToDouble(Episode::whole)
                                .max()
                                .orElse(0)));
    }

    static String of(ClusterReport report) {
        return new TimelinePage(report).page();
    }

    private String page() {
        drawFaults();
        drawLatency();
        return """
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><title>Cluster simulation, seed %d</title>
                <style>
                body{font:14px/1.5 system-ui,sans-serif;margin:2em auto;max-width:1240px;padding:0 1em;color:#222;background:#fff}
                table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:left}
                td.number{text-align:right;font-variant-numeric:tabular-nums}.broken{color:#b00020;font-weight:600}
                svg{width:100%%;height:auto;background:#fafafa}svg text{font:11px system-ui,sans-serif;fill:#444}
                </style></head><body>
                <h1>Cluster simulation</h1>
                <p>Seed %d, %.0f s under load: %d writes acknowledged, %d lost, %d doubled.</p>
                <p>%s.</p>
                %s
                %s
                <h2>Faults and latency</h2>
                <p>Dark bars: the fault; light: until every node answered for every domain again. Dots: probes of each domain that
                succeeded, by the seconds that they took with all retries, on a logarithmic scale.</p>
                %s
                %s
                </body></html>
                """.formatted(
                        report.seed(),
                        report.seed(),
                        report.seconds(),
                        report.findings().acknowledged(),
                        report.findings().lost(),
                        report.findings().doubled(),
                        report.basis(),
                        incomplete(),
                        outages(),
                        "<svg viewBox=\"0 0 %d %d\" role=\"img\">%s</svg>".formatted(WIDTH, height(), svg),
                        invariants());
    }

    private static int height() {
        return Fault.values().length * LANE + PLOT + BELOW;
    }

    private double x(double at) {
        return LEFT + (WIDTH - LEFT) * Math.min(1, at / seconds);
    }

    private static double y(double latency) {
        double share = Math.log(Math.max(LEAST_SECONDS, Math.min(MOST_SECONDS, latency)) / LEAST_SECONDS)
                / Math.log(MOST_SECONDS / LEAST_SECONDS);
        return Fault.values().length * LANE + PLOT * (1 - share) + LANE;
    }

    private void drawFaults() {
        int top = -LANE;
        for (Fault fault : Fault.values()) {
            top += LANE;
            draw(String.format(Locale.ROOT, "<text x=\"0\" y=\"%d\">%s</text>", top + LANE - 4, fault.label()));
            for (Episode each : report.episodes()) {
                if (each.fault() == fault) {
                    bar(each.began(), each.whole(), top, "#f4b6a6", each);
                    bar(each.began(), each.ended(), top, "#c0392b", each);
                }
            }
        }
    }

    private void bar(double from, double to, int top, String colour, Episode episode) {
        draw(String.format(
                Locale.ROOT,
                "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"><title>%s, node %d, %.1f s to %.1f s</title></rect>",
                x(from),
                top + 2,
                Math.max(1, x(to) - x(from)),
                LANE - 4,
                colour,
                episode.fault().label(),
                episode.victim(),
                from,
                to));
    }

    private void drawLatency() {
        for (double mark = LEAST_SECONDS; mark <= MOST_SECONDS; mark *= 10) {
            draw(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>",
                    LEFT,
                    WIDTH,
                    y(mark),
                    y(mark)));
            draw(String.format(
                    Locale.ROOT,
                    "<text x=\"0\" y=\"%.1f\">%s s</text>",
                    y(mark) + 4,
                    mark < 1 ? Double.toString(mark) : "" + (int) mark));
        }
        double step = Math.max(10, Math.ceil(seconds / 120) * 10);
        for (double mark = 0; mark <= seconds; mark += step) {
            draw(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%.0f s</text>", x(mark), height() - 6, mark));
        }
        List<Answers.Answer> answers = report.answers();
        int every = answers.size() / MOST_DOTS + 1;
        for (int i = 0; i < answers.size(); i++) {
            Answers.Answer each = answers.get(i);
            // Those that took long are few, and the ones that matter.
            if (i % every == 0 || each.seconds() > 0.5) {
                draw(String.format(
                        Locale.ROOT,
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.6\" fill=\"%s\"/>",
                        x(each.at()),
                        y(each.seconds()),
                        each.seconds() > 1 ? "#c0392b" : "#2c6fbb"));
            }
        }
    }

    private void draw(String shape) {
        svg.append(shape).append('\n');
    }

    private String incomplete() {
        return report.incomplete().stream()
                .map(reason -> "<p class=\"broken\">Incomplete: %s</p>".formatted(escaped(reason)))
                .collect(Collectors.joining("\n"));
    }

    private String outages() {
        StringBuilder rows = new StringBuilder(
                "<table><tr><th>fault</th><th>count</th><th>unavailable, p50</th><th>longest</th></tr>");
        for (Map.Entry<Fault, ClusterReport.Outage> each : report.outages().entrySet()) {
            rows.append(String.format(
                    Locale.ROOT,
                    "<tr><td>%s</td><td class=\"number\">%d</td><td class=\"number\">%.2f s</td>"
                            + "<td class=\"number\">%.2f s</td></tr>",
                    each.getKey().label(),
                    each.getValue().count(),
                    each.getValue().p50(),
                    each.getValue().max()));
        }
        return rows.append("</table>").toString();
    }

    private String invariants() {
        StringBuilder rows = new StringBuilder("<h2>Invariants</h2><table>");
        report.findings()
                .breaches()
                .forEach((name, found) -> rows.append(
                        found.isEmpty()
                                ? "<tr><td>%s</td><td>held</td></tr>".formatted(name)
                                : "<tr><td>%s</td><td class=\"broken\">%d breaches; the first: %s</td></tr>"
                                        .formatted(name, found.size(), escaped(found.get(0)))));
        return rows.append("</table>").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
