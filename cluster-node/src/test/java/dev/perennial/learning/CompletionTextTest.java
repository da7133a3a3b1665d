package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompletionTextTest {
    private static final String TEXT = "Who runs Tallow Mills? Paula Fenwick, née Ångström.";

    private BaseModel base;

    @BeforeAll
    void open() {
        base = BaseModel.open(References.EMBEDDED);
    }

    @AfterAll
    void close() {
        base.close();
    }

    @Test
    void cutsAtTheSamePlaceHoweverManyTokensComeAtOnce() {
        int[] tokens = base.tokenizer().encode(TEXT);
        for (String stop : List.of("w Mil", "née", "Ångs", "Paula", "Who", "?", "m.")) {
            CompletionText expected = null;
            for (int chunk : new int[] {1, 3, tokens.length}) {
                CompletionText text = new CompletionText(base.tokenizer(), List.of("", stop));
                StringBuilder sent = new StringBuilder();
                for (int at = 0; at < tokens.length && !text.stopped(); at += chunk) {
                    int end = Math.min(tokens.length, at + chunk);
                    sent.append(text.add(Arrays.copyOfRange(tokens, at, end), end == tokens.length));
                }
                assertTrue(text.stopped());
                assertEquals(TEXT.substring(0, TEXT.indexOf(stop)), text.text());
                assertEquals(text.text(), sent.toString());
                assertTrue(base.tokenizer().decode(text.tokens()).startsWith(text.text()));
                expected = expected == null ? text : expected;
                assertArrayEquals(expected.tokens(), text.tokens(), stop);
            }
        }
    }

    @Test
    void settlesTheTokensThatBeginInWhatWasHandedOut() {
        int[] tokens = base.tokenizer().encode(TEXT);
        for (String stop : List.of("w Mil", "née", "Ångs", "Fenwick, und", "never")) {
            for (int chunk : new int[] {1, 3}) {
                CompletionText text = new CompletionText(base.tokenizer(), List.of(stop));
                String sent = "";
                for (int at = 0; at < tokens.length && !text.stopped(); at += chunk) {
                    int end = Math.min(tokens.length, at + chunk);
                    sent += text.add(Arrays.copyOfRange(tokens, at, end), end == tokens.length);
                    int settled = text.settled();
                    assertTrue(begin(settled).startsWith(sent), sent);
                    assertTrue(settled == 0 || !begin(settled - 1).startsWith(sent), sent);
                }
                assertEquals(text.tokens().length, text.settled());
            }
        }
    }

    private String begin(int count) {
        return base.tokenizer().decode(Arrays.copyOf(base.tokenizer().encode(TEXT), count));
    }

    @Test
    void keepsAllOfACompletionWithoutAStopText() {
        int[] tokens = base.tokenizer().encode(TEXT);
        CompletionText text = new CompletionText(base.tokenizer(), List.of("never"));
        assertEquals(TEXT, text.add(tokens, true));
        assertArrayEquals(tokens, text.tokens());
    }
}
