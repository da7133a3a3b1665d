package dev.perennial.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.Test;

final class LineSplitterTest {
    @Test
    void linesAreTheSameHoweverTheyAreChunked() {
        String text = "\uFEFFone\r\n\ntoo long by far\nthree\u20ac\r\nlast";
        List<Line> whole = split(text, text.length() * 4);
        assertEquals(List.of("one", "", "too long", "three\u20ac", "last"), shown(whole));
        for (int size = 1; size < 12; size++) {
            assertEquals(whole, split(text, size));
        }
    }

    @Test
    void lineOfExactlyTheBoundIsKept() {
        assertEquals(List.of("12345678"), shown(split("12345678\r\n", 3)));
        assertEquals(List.of("too long"), shown(split("123456789\r\n", 3)));
        assertEquals(List.of("too long"), shown(split("123456789", 3)));
    }

    @Test
    void blankLinesAreKnown() {
        List<Line> lines = split(" \t\r\nx\n", 2);
        assertTrue(lines.get(0).isBlank());
        assertEquals(2, lines.get(1).number());
        assertEquals(List.of(), split("", 1));
    }

    private static List<Line> split(String text, int size) {
        LineSplitter splitter = new LineSplitter(8);
        List<Line> lines = new ArrayList<>();
        ByteString rest = ByteString.fromString(text);
        while (rest.nonEmpty()) {
            lines.addAll(splitter.feed(rest.take(size)));
            rest = rest.drop(size);
        }
        lines.addAll(splitter.end());
        return lines;
    }

    private static List<String> shown(List<Line> lines) {
        return lines.stream()
                .map(line -> line.tooLong() ? "too long" : line.content().utf8String())
                .toList();
    }
}
