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

/**
 * Everything that one seed gives a base model: a tokenizer, the quickstart's story, the general suite and held-out questions. Samples
 * are a part of the endless corpus, for a look or for training elsewhere.
 */
public final class Materials {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TOKENIZER_SAMPLES = 20_000;
    private static final int LONGEST_INPUT = 512;
    private static final int GENERAL_SUITE = 300;
    private static final int HELD_OUT = 400;

    private Materials() {}

    /** Arguments: directory, seed, vocabulary size, number of corpus samples to write. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 4)
            throw new IllegalArgumentException(
                    "expected DIRECTORY SEED VOCABULARY SAMPLES, got " + arguments.length + " arguments");
        write(
                Path.of(arguments[0]),
                Long.parseLong(arguments[1]),
                Integer.parseInt(arguments[2]),
                Integer.parseInt(arguments[3]));
    }

    public static void write(Path directory, long seed, int vocabularySize, int samples) throws IOException {
        Files.createDirectories(directory);
        var world = MicroWorld.generate(seed);
        var story = Story.of(world, seed + 1);
        TokenizerFiles.write(tokenizer(world, seed + 2, vocabularySize), LONGEST_INPUT, directory);
        JSON.writerWithDefaultPrettyPrinter()
                .writeValue(directory.resolve("story.json").toFile(), story);
        lines(directory.resolve("general.jsonl"), story.generalSuite(world, seed + 3, GENERAL_SUITE));
        lines(directory.resolve("heldout.jsonl"), Corpus.heldOutExchanges(world, seed + 4, HELD_OUT));
        lines(directory.resolve("corpus.jsonl"), take(new Corpus(world, seed + 5), samples));
    }

    /** The tokenizer of a world, trained on a part of its corpus of its own. */
    public static BytePairVocabulary tokenizer(MicroWorld world, long seed, int vocabularySize) {
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
