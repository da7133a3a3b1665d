package dev.perennial.simulations.forgetting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class PageTest {
    private static Findings findings() {
        AccuracyMatrix matrix = new AccuracyMatrix(List.of(0.0, 0.1), List.of(List.of(1.0, 0.0), List.of(0.25, 0.75)));
        return new Findings(
                new Findings.Setup("world", List.of("mayor", "<river>"), 1, 1, "policy"),
                "lora",
                List.of(new RunResult("lora", 1, 0, matrix, 0.9, 0.88, 0.05, 100, 400, 2.0, false)));
    }

    @Test
    void needsNothingFromElsewhere() {
        String page = Page.html(findings());
        for (String elsewhere : List.of("http:", "https:", "<script", "<link", "@import", "url(")) {
            assertFalse(page.contains(elsewhere), elsewhere);
        }
    }

    @Test
    void isWellFormedWithTwoCurvesAndOneMapAMethod() throws Exception {
        String page = Page.html(findings()).replace("<!doctype html>", "");
        String closed = page.replaceAll("<meta([^>]*)>", "<meta$1/>");
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(closed)));
        assertEquals(3, document.getElementsByTagName("figure").getLength());
        assertEquals(2, document.getElementsByTagName("polyline").getLength());
        // the base's row and two updates, of two tasks
        assertEquals(6, document.getElementsByTagName("rect").getLength());
    }

    @Test
    void namesAreEscaped() {
        assertTrue(Page.html(findings()).contains("&lt;river&gt;"));
    }
}
