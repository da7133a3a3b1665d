package dev.perennial.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Decoder;
import dev.perennial.protocols.ScoredToken;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenScoresTest {
    private BaseModel base;

    @BeforeAll
    void open() {
        base = BaseModel.open(Path.of("src/main/resources/base"));
    }

    @AfterAll
    void close() {
        base.close();
    }

    @Test
    void aTokenIsWhereTheCharacterOfItsFirstByteIs() {
        String text = "née 🙂👩‍👧 Ångström, 東京!";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int at = 0;
        for (ScoredToken token : scored(base.tokenizer().encode(text))) {
            int begin = at;
            long characters = IntStream.rangeClosed(0, begin)
                    .filter(i -> (bytes[i] & 0xC0) != 0x80)
                    .count();
            assertEquals(characters - 1, token.offset(), token.toString());
            at += token.chosen().bytes().orElseThrow().size();
        }
        assertEquals(bytes.length, at);
    }

    @Test
    void bytesThatAreNoCharacterCountAsTheOneThatStandsForThem() {
        int[] smile = base.tokenizer().encode("🙂");
        int[] letter = base.tokenizer().encode("a");
        // A begun character that is given up; a letter; what goes on with nothing.
        int[] ids = {letter[0], smile[0], smile[1], letter[0], smile[1], letter[0]};
        String text = base.tokenizer().decode(ids);
        List<ScoredToken> tokens = scored(ids);
        assertEquals(
                List.of(0, 1, 1, 2, 3, 4),
                tokens.stream().map(ScoredToken::offset).toList(),
                text);
        assertEquals("a\uFFFDa\uFFFDa", text);
    }

    private List<ScoredToken> scored(int[] ids) {
        TokenScores scores = new TokenScores(base.tokenizer());
        return Arrays.stream(ids)
                .mapToObj(id -> scores.next(new Decoder.Token(id, -1, List.of())))
                .toList();
    }
}
