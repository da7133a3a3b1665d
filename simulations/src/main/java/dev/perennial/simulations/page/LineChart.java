package dev.perennial.simulations.page;

import java.text.NumberFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Lines over common axes as SVG, each with its name at its end, the first above the others. */
public record LineChart(String title, Axis across, Axis up, List<Line> lines) {
    private static final int HEIGHT = 320;
    private static final int LEFT = 56;
    private static final int EDGE = 640;
    private static final int TOP = 28;
    private static final int FLOOR = HEIGHT - 42;
    private static final int TICKS_ACROSS = 12;
    private static final int TICKS_UP = 5;
    private static final int NAME_HEIGHT = 16;
    private static final int NAME_GAP = 46;
    private static final int LETTER = 7;
    /** After Okabe and Ito, which people tell apart whatever colours they see; one each, then again with dashes. */
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8a8a");

    public LineChart {
        lines = List.copyOf(lines);
    }

    public record Point(double x, double y) {}

    /** @param points in the order of x; one that is not a number is left out */
    public record Line(String name, List<Point> points) {
        public Line {
            points = points.stream().filter(point -> Double.isFinite(point.y())).toList();
        }

        /** At x = 1, 2, ... */
        public static Line counted(String name, List<Double> values) {
            return new Line(
                    name,
                    IntStream.range(0, values.size())
                            .mapToObj(i -> new Point(i + 1, values.get(i)))
                            .toList());
        }
    }

    /**
     * @param label what it measures, with the unit
     * @param to above {@code from}
     */
    public record Axis(String label, double from, double to) {
        public Axis {
            if (!(to > from)) {
                throw new IllegalArgumentException("expected an axis that rises; got " + from + " to " + to);
            }
        }

        /** From 0 to the first tick that no line is above; to 1 where all are 0. */
        public static Axis above(String label, List<Line> lines) {
            double most = lines.stream()
                    .flatMap(line -> line.points().stream())
                    .mapToDouble(Point::y)
                    .max()
                    .orElse(0);
            if (most <= 0) {
                return new Axis(label, 0, 1);
            }
            double step = step(most, TICKS_UP);
            return new Axis(label, 0, Math.ceil(most / step - 1e-9) * step);
        }

        /** 1, 2 or 5 times a power of ten, so that there are no more than so many in the range. */
        private static double step(double range, int most) {
            double power = Math.pow(10, Math.floor(Math.log10(range / most)));
            for (double of : new double[] {1, 2, 5}) {
                if (of * power * most >= range * (1 - 1e-9)) {
                    return of * power;
                }
            }
            return 10 * power;
        }

        private List<Double> ticks(double step) {
            List<Double> ticks = new ArrayList<>();
            for (long i = (long) Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * (to - from); i++) {
                ticks.add(i * step);
            }
            return ticks;
        }

        private double share(double value) {
            return (value - from) / (to - from);
        }
    }

    public String svg() {
        int width = EDGE
                + NAME_GAP
                + LETTER
                        * lines.stream()
                                .mapToInt(line -> line.name().length())
                                .max()
                                .orElse(0);
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                HtmlPage.escaped(title),
                width,
                HEIGHT,
                HtmlPage.escaped(title)));
        axes(svg);
        for (int i = lines.size() - 1; i >= 0; i--) {
            line(svg, lines.get(i), stroke(i));
        }
        names(svg);
        return svg.append("</svg></figure>\n").toString();
    }

    private void axes(StringBuilder svg) {
        double step = Axis.step(up.to() - up.from(), TICKS_UP);
        for (double tick : up.ticks(step)) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                            + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    LEFT,
                    EDGE,
                    y(tick),
                    y(tick),
                    LEFT - 6,
                    y(tick) + 4,
                    written(tick, step)));
        }
        step = Axis.step(across.to() - across.from(), TICKS_ACROSS);
        for (double tick : across.ticks(step)) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                            + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                    x(tick),
                    x(tick),
                    FLOOR,
                    FLOOR + 4,
                    x(tick),
                    FLOOR + 18,
                    written(tick, step)));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text><text x=\"0\" y=\"14\">%s</text>%n",
                (LEFT + EDGE) / 2,
                HEIGHT - 6,
                HtmlPage.escaped(across.label()),
                HtmlPage.escaped(up.label())));
    }

    private static String written(double value, double step) {
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        NumberFormat format = NumberFormat.getInstance(Locale.ROOT);
        format.setMinimumFractionDigits(decimals);
        format.setMaximumFractionDigits(decimals);
        return format.format(value);
    }

    private void line(StringBuilder svg, Line line, String stroke) {
        StringBuilder path = new StringBuilder();
        for (Point point : line.points()) {
            path.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(point.x()), y(point.y())));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<polyline fill=\"none\" %s points=\"%s\"><title>%s</title></polyline>%n",
                stroke,
                path.toString().strip(),
                HtmlPage.escaped(line.name())));
    }

    /** Beside the ends of the lines, in their order, moved apart where ends are close together. */
    private void names(StringBuilder svg) {
        List<Integer> order = IntStream.range(0, lines.size())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> end(lines.get(i)).y()))
                .toList();
        double height = Math.min(NAME_HEIGHT, (double) (FLOOR - TOP) / Math.max(1, lines.size()));
        double[] at = new double[order.size()];
        double above = TOP - height;
        for (int i = 0; i < at.length; i++) {
            at[i] = Math.max(end(lines.get(order.get(i))).y(), above + height);
            above = at[i];
        }
        double below = FLOOR + height;
        for (int i = at.length - 1; i >= 0; i--) {
            at[i] = Math.min(at[i], below - height);
            below = at[i];
            Point end = end(lines.get(order.get(i)));
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>"
                            + "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" %s/>"
                            + "<text class=\"name\" x=\"%d\" y=\"%.1f\">%s</text>%n",
                    end.x(),
                    end.y(),
                    EDGE + 14,
                    at[i],
                    EDGE + 14,
                    EDGE + 36,
                    at[i],
                    at[i],
                    stroke(order.get(i)),
                    EDGE + 41,
                    at[i] + 4,
                    HtmlPage.escaped(lines.get(order.get(i)).name())));
        }
    }

    /** Where a line ends, in the picture; one without points ends on the floor. */
    private Point end(Line line) {
        if (line.points().isEmpty()) {
            return new Point(EDGE, FLOOR);
        }
        Point last = line.points().get(line.points().size() - 1);
        return new Point(x(last.x()), y(last.y()));
    }

    private static String stroke(int number) {
        String dashes = number < COLOURS.size() ? "" : " stroke-dasharray=\"5 3\"";
        return "stroke=\"" + COLOURS.get(number % COLOURS.size()) + "\" stroke-width=\"2\"" + dashes;
    }

    private double x(double value) {
        return LEFT + across.share(value) * (EDGE - LEFT);
    }

    private double y(double value) {
        return FLOOR - up.share(value) * (FLOOR - TOP);
    }
}
