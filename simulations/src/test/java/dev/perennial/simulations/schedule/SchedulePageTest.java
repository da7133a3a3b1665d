package dev.perennial.simulations.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.simulations.page.LineChart.Point;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class SchedulePageTest {
    private static final Scale TWO_DAYS = new Scale(3, 1, 2, 1);

    /** 1,000 answers after a day, and then so many requests that wait; one domain stale for 3 hours, one for 9. */
    private static Outcome outcome(long queued) {
        Outcome outcome = new Outcome(TWO_DAYS);
        outcome.passed(0, 0);
        outcome.answers = 1_000;
        outcome.passed(24, queued);
        outcome.stale(3);
        outcome.stale(9);
        return outcome;
    }

    private static final Comparison COMPARISON = new Comparison(List.of(
            new Comparison.Row("default", true, List.of(outcome(10), outcome(20))),
            new Comparison.Row("a<b", false, List.of(outcome(40), outcome(40)))));

    @Test
    void aCourseIsTheMeanOverTheSeedsByDays() {
        Comparison.Row row = COMPARISON.rows().get(0);
        assertEquals(List.of(new Point(0, 0), new Point(1, 15)), row.course(Outcome.Moment::queued));
    }

    @Test
    void showsACurveOfEachPolicyForQualityQueueAndStaleness() throws Exception {
        String page = SchedulePage.of(COMPARISON, TWO_DAYS, 2);
        for (String elsewhere : List.of("http:", "https:", "<script", "<link", "@import", "url(")) {
            assertFalse(page.contains(elsewhere), elsewhere);
        }
        for (String label : List.of("days", "hours", "million answers", "requests", "default *", "a&lt;b")) {
            assertTrue(page.contains(">" + label + "</text>"), label);
        }
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(
                        page.replace("<!doctype html>", "").replaceAll("<meta([^>]*)>", "<meta$1/>"))));
        assertEquals(7, document.getElementsByTagName("figure").getLength());
        assertEquals(3 * 2, document.getElementsByTagName("polyline").getLength());
        assertEquals(4 * 2, document.getElementsByTagName("rect").getLength());
        String stale = document.getElementsByTagName("polyline")
                .item(4)
                .getAttributes()
                .getNamedItem("points")
                .getNodeValue();
        List<String> points = List.of(stale.split(" ", -1));
        assertEquals(49, points.size(), "each hour of two days");
        // of 0, 50 and 100 percent
        assertEquals(
                List.of("278.0", "153.0", "28.0"),
                heights(points).stream().distinct().toList());
        assertEquals(4, heights(points).indexOf("153.0"), "less than 4 hours, and not less than 3");
    }

    private static List<String> heights(List<String> points) {
        return points.stream().map(point -> point.split(",", -1)[1]).toList();
    }
}
