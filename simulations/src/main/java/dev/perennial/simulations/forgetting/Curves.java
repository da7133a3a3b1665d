package dev.perennial.simulations.forgetting;

import java.util.List;
import java.util.Locale;

/** Lines over a common axis, drawn as SVG that any browser shows without anything else. */
final class Curves {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 300;
    private static final int LEFT = 44;
    private static final int BOTTOM = 34;
    private static final int TOP = 12;
    private static final int RIGHT = 16;
    private static final int TICKS = 5;
    /** After Okabe and Ito, which people tell apart whatever colours they see; one each, then again with dashes. */
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8a8a");

    private Curves() {}

    /** @param values at x = 1, 2, ...; one that is not a number is left out */
    record Line(String name, List<Double> values) {}

    /**
     * @param unit of the vertical axis, written at its top
     * @param highest of the vertical axis, above 0; it begins at 0
     */
    static String svg(String title, String along, String unit, double highest, List<Line> lines) {
        int points = Math.max(
                2, lines.stream().mapToInt(line -> line.values().size()).max().orElse(2));
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                Page.escaped(title),
                WIDTH,
                HEIGHT,
                Page.escaped(title)));
        for (int tick = 0; tick <= TICKS; tick++) {
            double value = highest * tick / TICKS;
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                            + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    y(value, highest),
                    y(value, highest),
                    LEFT - 6,
                    y(value, highest) + 4,
                    highest < TICKS ? String.format(Locale.ROOT, "%.1f", value) : Math.round(value) + ""));
        }
        int step = Math.max(1, points / 10);
        for (int x = step == 1 ? 1 : step; x <= points; x += step) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>%n",
                    x(x, points),
                    HEIGHT - BOTTOM + 16,
                    x));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text><text x=\"%d\" y=\"%d\">%s</text>%n",
                WIDTH - RIGHT,
                HEIGHT - 3,
                Page.escaped(along),
                LEFT + 4,
                TOP + 10,
                Page.escaped(unit)));
        for (int i = 0; i < lines.size(); i++) {
            line(svg, lines.get(i), i, points, highest);
        }
        svg.append("</svg><p class=\"legend\">");
        for (int i = 0; i < lines.size(); i++) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<span><svg viewBox=\"0 0 24 8\" class=\"key\"><line x1=\"0\" x2=\"24\" y1=\"4\" y2=\"4\" %s/></svg>"
                            + "%s</span> ",
                    stroke(i),
                    Page.escaped(lines.get(i).name())));
        }
        return svg.append("</p></figure>\n").toString();
    }

    private static void line(StringBuilder svg, Line line, int number, int points, double highest) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < line.values().size(); i++) {
            double value = line.values().get(i);
            if (Double.isFinite(value)) {
                path.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(i + 1, points), y(value, highest)));
            }
        }
        svg.append(String.format(
                Locale.ROOT,
                "<polyline fill=\"none\" %s points=\"%s\"><title>%s</title></polyline>%n",
                stroke(number),
                path.toString().strip(),
                Page.escaped(line.name())));
    }

    private static String stroke(int number) {
        String dashes = number < COLOURS.size() ? "" : " stroke-dasharray=\"5 3\"";
        return "stroke=\"" + COLOURS.get(number % COLOURS.size()) + "\" stroke-width=\"2\"" + dashes;
    }

    private static double x(double at, int points) {
        return LEFT + (at - 1) * (WIDTH - LEFT - RIGHT) / (points - 1);
    }

    private static double y(double value, double highest) {
        return HEIGHT - BOTTOM - value / highest * (HEIGHT - BOTTOM - TOP);
    }
}
