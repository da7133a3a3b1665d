package dev.perennial.simulations.pretraining;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.simulations.world.Corpus;
import dev.perennial.simulations.world.Document;
import dev.perennial.simulations.world.Exchange;
import dev.perennial.simulations.world.MicroWorld;
import dev.perennial.simulations.world.Sample;
import dev.perennial.simulations.world.Story;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What one seed gives a base model beside its weights: a tokenizer, the quickstart's story, the general suite. */
final class Materials {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TOKENIZER_SAMPLES = 20_000;
    private static final int GENERAL_SUITE = 600;
    /** Up to so many no fact is asked for twice, so that none that is measured is replayed in other words. */
    private static final int GENERAL_ALL = 1000;

    private Materials() {}

    /**
     * Writes what goes with a base model.
     *
     * @param base gets the tokenizer, {@code general.jsonl}, the suite of what must not be forgotten, and {@code replayed.jsonl},
     *     what is replayed beside it
     * @param story the file that gets the quickstart's story
     */
    static void write(MicroWorld world, BytePairVocabulary tokens, long seed, int longestInput, Path base, Path story)
            throws IOException {
        TokenizerFiles.write(tokens, longestInput, base);
        Files.createDirectories(story.toAbsolutePath().getParent());
        Story told = Story.of(world, seed + 1);
        JSON.writerWithDefaultPrettyPrinter().writeValue(story.toFile(), told);
        List<Exchange> general = told.generalSuite(world, seed + 3, GENERAL_ALL);
        lines(base.resolve("general.jsonl"), general.subList(0, GENERAL_SUITE));
        lines(base.resolve("replayed.jsonl"), general.subList(GENERAL_SUITE, GENERAL_ALL));
    }

    /** The tokenizer of a world, trained on a part of its corpus of its own. */
    static BytePairVocabulary tokenizer(MicroWorld world, long seed, int vocabularySize) {
        var texts = new ArrayList<String>();
        for (var sample : take(new Corpus(world, seed), TOKENIZER_SAMPLES)) {
            if (sample instanceof Document document) {
                texts.add(document.text());
            } else if (sample instanceof Exchange exchange) {
                texts.add(exchange.prompt());
                texts.add(exchange.completion());
            } else {
                throw new AssertionError(sample);
            }
        }
        return BytePairTrainer.train(texts, vocabularySize);
    }

    private static List<Sample> take(Corpus corpus, int count) {
        return IntStream.range(0, count).mapToObj(index -> corpus.next()).toList();
    }

    private static void lines(Path file, List<? extends Sample> samples) throws IOException {
        var lines = new ArrayList<String>();
        for (var sample : samples) lines.add(JSON.writeValueAsString(sample));
        Files.write(file, lines);
    }
}
