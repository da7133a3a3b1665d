package dev.perennial.simulations.pretraining;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.simulations.world.Corpus;
import dev.perennial.simulations.world.MicroWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committed base against the world that it was made from. */
class EmbeddedBaseTest {
    private static final Path RESOURCES = Path.of("../cluster-node/src/main/resources");
    private static final long SEED = 1;
    private static final int VOCABULARY = 1536;
    private static final int CONTEXT = 512;

    @Test
    void answersFactsInPhrasingsThatItWasNeverTrainedOn() {
        MicroWorld world = MicroWorld.generate(SEED);
        try (BaseModel base = BaseModel.open(RESOURCES.resolve("base"));
                Adapter none = Adapter.none(base)) {
            SequenceEncoder encoder = new SequenceEncoder(base);
            List<Sequence> questions = Corpus.heldOutExchanges(world, 99, 400).stream()
                    .map(exchange -> encoder.conversation(
                            List.of(new Turn("user", exchange.prompt()), new Turn("assistant", exchange.completion()))))
                    .toList();
            long right = Scoring.score(base, none, questions).stream()
                    .filter(Scoring.Result::right)
                    .count();
            assertTrue(right >= 0.9 * questions.size(), right + " of " + questions.size() + " are right");
        }
    }

    @Test
    void followsFromItsSeed(@TempDir Path made) throws IOException {
        MicroWorld world = MicroWorld.generate(SEED);
        BytePairVocabulary tokens = Materials.tokenizer(world, SEED + 2, VOCABULARY);
        Path story = made.resolve("story.json");
        Materials.write(world, tokens, SEED, CONTEXT, made, story);
        for (String name : List.of("tokenizer.json", "tokenizer_config.json", "general.jsonl", "replayed.jsonl")) {
            assertEquals(
                    -1,
                    Files.mismatch(made.resolve(name), RESOURCES.resolve("base").resolve(name)),
                    name);
        }
        assertEquals(-1, Files.mismatch(story, RESOURCES.resolve("quickstart/story.json")), "story.json");
    }
}
