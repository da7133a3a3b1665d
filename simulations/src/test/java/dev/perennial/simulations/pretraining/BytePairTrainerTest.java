package dev.perennial.simulations.pretraining;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.perennial.simulations.pretraining.BytePairVocabulary.Merge;
import dev.perennial.simulations.world.MicroWorld;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BytePairTrainerTest {
    /** The bytes and the special tokens, before any merge. */
    private static final int SMALLEST = 262;

    /**
     * By hand: "low low lower" holds low once, Ġlow once and Ġlower once. The pairs (l, o) and (o, w) both occur 3 times and l is the
     * smaller left token, so l+o; then lo+w, 3 times; then Ġ+low, twice; then no pair occurs twice.
     */
    @Test
    void mergesTheMostFrequentPairAndTheSmallestOfEquals() {
        var vocabulary = BytePairTrainer.train(List.of("low low lower"), 300);
        assertEquals(List.of(new Merge("l", "o"), new Merge("lo", "w"), new Merge("Ġ", "low")), vocabulary.merges());
        assertEquals(List.of("lo", "low", "Ġlow"), vocabulary.tokens().subList(SMALLEST, SMALLEST + 3));
    }

    @Test
    void stopsAtTheAskedSize() {
        assertEquals(
                1,
                BytePairTrainer.train(List.of("low low lower"), SMALLEST + 1)
                        .merges()
                        .size());
        assertThrows(IllegalArgumentException.class, () -> BytePairTrainer.train(List.of(), SMALLEST - 1));
    }

    @Test
    void cutsEachDigitAndKeepsTheBlankBeforeAWord() {
        assertEquals(List.of("in", " ", "1", "9", " it", "'s", " ok", "?"), BytePairTrainer.cut("in 19 it's ok?"));
    }

    @Test
    void writesATokenizerThatRoundTripsTextAndKnowsItsSpecialTokens(@TempDir Path directory) throws IOException {
        var vocabulary = Materials.tokenizer(MicroWorld.generate(7), 1, 1024);
        TokenizerFiles.write(vocabulary, 512, directory);
        try (var tokenizer = HuggingFaceTokenizer.newInstance(directory)) {
            var text = "Who runs Tallow Mills? It's 19 + 7 = 26, naïve café – 東京.";
            assertEquals(
                    text, tokenizer.decode(tokenizer.encode(text, false, false).getIds()));
            assertArrayEquals(
                    new long[] {1, 3, vocabulary.tokens().indexOf("7"), 5, 4},
                    tokenizer
                            .encode("<|bos|><|user|>7<|end|><|assistant|>", false, false)
                            .getIds());
        }
    }
}
