package dev.perennial.simulations.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class HtmlPageTest {
    @Test
    void standsBesideTheReport() {
        assertEquals(Path.of("a/b.html"), HtmlPage.beside(Path.of("a/b.json")));
        assertEquals(Path.of("a/b.txt.html"), HtmlPage.beside(Path.of("a/b.txt")));
    }

    @Test
    void escapesItsTitle() {
        assertTrue(HtmlPage.document("a < b & \"c\"", "").contains("<title>a &lt; b &amp; &quot;c&quot;</title>"));
    }
}
