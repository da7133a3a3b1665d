package dev.perennial.simulations.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.simulations.page.LineChart.Axis;
import dev.perennial.simulations.page.LineChart.Line;
import dev.perennial.simulations.page.LineChart.Point;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LineChartTest {
    private static final Axis HOURS = new Axis("hours", 0, 10);
    private static final Axis PERCENT = new Axis("share, %", 0, 100);

    @Test
    void drawsEachPointWhereTheAxesPutIt() {
        Line line = new Line("a", List.of(new Point(0, 0), new Point(5, 50), new Point(10, 100)));
        String svg = new LineChart("t", HOURS, PERCENT, List.of(line)).svg();
        assertTrue(svg.contains("points=\"56.0,278.0 348.0,153.0 640.0,28.0\""), svg);
    }

    @Test
    void leavesOutWhatIsNoNumber() {
        Line line = Line.counted("a", List.of(Double.NaN, 2.0, Double.POSITIVE_INFINITY));
        assertEquals(List.of(new Point(2, 2.0)), line.points());
    }

    @Test
    void anAxisEndsAtTheFirstTickThatNoLineIsAbove() {
        assertEquals(8, above(7).to());
        assertEquals(10, above(10).to());
        assertEquals(0.06, above(0.053).to(), 1e-12);
        assertEquals(600_000, above(522_000).to());
        assertEquals(1, above(0).to());
        assertThrows(IllegalArgumentException.class, () -> new Axis("hours", 1, 1));
    }

    @Test
    void ticksAreOneTwoOrFiveTimesAPowerOfTen() {
        String svg = new LineChart(
                        "t",
                        new Axis("updates", 1, 100),
                        new Axis("requests", 0, 20_000),
                        List.of(Line.counted("a", List.of(1.0))))
                .svg();
        for (String tick : List.of("10", "100", "0", "5,000", "20,000")) {
            assertTrue(svg.contains(">" + tick + "</text>"), tick);
        }
    }

    @Test
    void namesOfLinesThatEndTogetherStandApart() {
        List<Line> lines = List.of(
                Line.counted("one", List.of(0.0, 100.0)),
                Line.counted("two & more", List.of(0.0, 100.0)),
                Line.counted("three", List.of(0.0, 0.0)),
                Line.counted("four", List.of(0.0, 0.0)));
        String svg = new LineChart("t", new Axis("updates", 1, 2), PERCENT, lines).svg();
        assertEquals(28.0, height(svg, "one"));
        assertEquals(44.0, height(svg, "two &amp; more"));
        assertEquals(262.0, height(svg, "three"));
        assertEquals(278.0, height(svg, "four"));
    }

    private static Axis above(double most) {
        return Axis.above("s", List.of(Line.counted("a", List.of(most / 2, most))));
    }

    /** Of the middle of a name, which is written 4 below. */
    private static double height(String svg, String name) {
        Matcher text = Pattern.compile("y=\"([0-9.]+)\">" + Pattern.quote(name) + "</text>")
                .matcher(svg);
        assertTrue(text.find(), name);
        return Double.parseDouble(text.group(1)) - 4;
    }
}
