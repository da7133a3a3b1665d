package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenSpellingTest {
    private static final Path TEMPLATES = Path.of("src/test/resources/templates");
    private static final int VOCABULARY = 2000;
    private static final List<String> TEXTS = List.of(
            "Who runs it?",
            " a blank before, two  within, one after ",
            "née Ångström, 東京 🙂👩‍👧",
            "\ttabs\nand lines\r\n",
            "¡ÿ\u00ad\u0085!",
            "<0x41> \u2581 <|user|>");

    @ParameterizedTest
    @ValueSource(strings = {"embedded", "qwen", "llama3", "llama2", "metaspace"})
    void bytesOfTokensJoinedAreTheText(String name) {
        try (Tokenizer tokenizer = open(name)) {
            for (String text : TEXTS) {
                int[] ids = tokenizer.encode(text);
                ByteArrayOutputStream joined = new ByteArrayOutputStream();
                boolean first = true;
                for (int id : ids) {
                    Optional<List<Integer>> bytes =
                            tokenizer.spelling(id, first).bytes();
                    bytes.ifPresent(values -> values.forEach(joined::write));
                    first &= bytes.isEmpty();
                }
                byte[] decoded = tokenizer.decode(ids).getBytes(StandardCharsets.UTF_8);
                assertArrayEquals(decoded, joined.toByteArray(), name + ": " + text + " " + Arrays.toString(ids));
            }
        }
    }

    @Test
    void aPartOfACharacterIsWrittenByItsBytes() {
        try (Tokenizer tokenizer = open("embedded")) {
            int[] ids = tokenizer.encode("🙂");
            assertTrue(ids.length > 1, "the vocabulary has this character in several tokens");
            assertEquals("\\xf0", tokenizer.spelling(ids[0], true).text().substring(0, 4));
            assertTrue(tokenizer.spelling(ids[1], false).text().startsWith("\\x"));
        }
    }

    @Test
    void aSpecialTokenHasANameAndNoBytes() {
        try (Tokenizer tokenizer = open("embedded")) {
            assertEquals(
                    new TokenSpelling("<|user|>", Optional.empty()),
                    tokenizer.spelling(tokenizer.encode("<|user|>")[0], false));
            assertEquals(new TokenSpelling("", Optional.empty()), tokenizer.spelling(VOCABULARY, false));
        }
    }

    private static Tokenizer open(String name) {
        return Tokenizer.open(name.equals("embedded") ? References.EMBEDDED : TEMPLATES.resolve(name), VOCABULARY);
    }
}
