package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.ChatTemplate.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Decoding on the embedded base. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GenerationTest {
    private static final Path BASE = Path.of("src/main/resources/base");
    private static final int TURN = 3;

    private BaseModel base;
    private Adapter none;
    private SequenceEncoder encoder;

    @BeforeAll
    void open() {
        base = BaseModel.open(BASE);
        none = Adapter.none(base);
        encoder = new SequenceEncoder(base);
    }

    @AfterAll
    void close() {
        none.close();
        base.close();
    }

    @Test
    void writesGreedilyExactlyWhatScoringCallsRight() throws IOException {
        int checked = 0;
        for (String line : Files.readAllLines(BASE.resolve("general.jsonl")).subList(0, 12)) {
            JsonNode row = new ObjectMapper().readTree(line);
            String completion = row.path("completion").asText();
            for (String claimed : List.of(completion, completion + "x")) {
                boolean right = Scoring.score(
                                base,
                                none,
                                List.of(encoder.conversation(List.of(
                                        new Turn("user", row.path("prompt").asText()),
                                        new Turn("assistant", claimed)))))
                        .get(0)
                        .right();
                String written =
                        base.tokenizer().decode(write(row.path("prompt").asText(), greedy(40)));
                assertEquals(written.equals(claimed), right, row + ": " + written);
                checked++;
            }
        }
        assertEquals(24, checked);
    }

    @Test
    void samplesTheSameTextForTheSameSeed() {
        String prompt = "Tell me something about yourself.";
        Decoder.Settings warm = new Decoder.Settings(30, 1.5, 1, 5);
        assertArrayEquals(write(prompt, warm), write(prompt, warm));
        boolean different = false;
        for (long seed = 6; seed < 12; seed++) {
            different |= !java.util.Arrays.equals(
                    write(prompt, warm), write(prompt, new Decoder.Settings(30, 1.5, 1, seed)));
        }
        assertTrue(different, "six other seeds gave the same text at temperature 1.5");
    }

    @Test
    void isGreedyWhereTopPKeepsOneToken() {
        String prompt = "Who are you?";
        assertArrayEquals(write(prompt, greedy(20)), write(prompt, new Decoder.Settings(20, 1, 1e-6, 3)));
    }

    @Test
    void stopsAtTheBoundOnTokens() {
        assertEquals(2, write("Who are you?", greedy(2)).length);
    }

    @Test
    void refusesAPromptThatLeavesNoRoom() {
        int context = base.shape().context();
        LearningException failure = assertThrows(
                LearningException.class, () -> References.write(base, none, new int[context], greedy(1), TURN));
        assertTrue(String.valueOf(failure.getMessage()).contains("context is " + context), failure.getMessage());
    }

    @Test
    void cutsALongDocumentAtTheContext() {
        List<Sequence> pieces = encoder.document("The mayor speaks. ".repeat(400));
        assertTrue(pieces.size() > 1);
        assertTrue(pieces.stream().allMatch(p -> p.ids().length <= base.shape().context() && p.learnedFrom() == 1));
    }

    @Test
    void learnsOnlyTheAnswerOfAConversation() {
        Sequence sequence = encoder.conversation(List.of(new Turn("user", "Hi"), new Turn("assistant", "Hello")));
        int[] prompt = encoder.prompt(List.of(new Turn("user", "Hi")));
        assertEquals(prompt.length, sequence.learnedFrom());
        assertEquals(base.tokenizer().endTokens().get(0), sequence.ids()[sequence.ids().length - 1]);
    }

    private static Decoder.Settings greedy(int tokens) {
        return new Decoder.Settings(tokens, 0, 1, 0);
    }

    private int[] write(String prompt, Decoder.Settings settings) {
        return References.write(base, none, encoder.prompt(List.of(new Turn("user", prompt))), settings, TURN);
    }
}
