package dev.perennial.simulations.pretraining;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.FullTraining;
import dev.perennial.learning.LearningRate;
import dev.perennial.learning.ModelShape;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.TorchEngine;
import dev.perennial.simulations.world.Corpus;
import dev.perennial.simulations.world.Document;
import dev.perennial.simulations.world.Exchange;
import dev.perennial.simulations.world.MicroWorld;
import dev.perennial.simulations.world.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Makes the embedded base model from nothing but the project's code: world, tokenizer, pre-training.
 *
 * <p>A Llama decoder of about 2 million weights, AdamW with a peak rate of 2e-3, warm-up and cosine, batches of 64 samples of
 * like length, loss on answers and on documents. The same seed and thread count give the same bytes.
 */
@Command(
        name = "pretrain-base",
        mixinStandardHelpOptions = true,
        description = "Makes the embedded base model: a generated world, a tokenizer, pre-training on it.")
public final class PretrainBase implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CONTEXT = 512;
    private static final int BATCH = 64;
    private static final int POOL = 16;
    private static final double PEAK_RATE = 2e-3;
    private static final double WEIGHT_DECAY = 0.05;

    @Option(names = "--out", required = true, description = "Directory of the base model.")
    private Path out = Path.of("");

    @Option(names = "--story", required = true, description = "Where the quickstart's story about this world goes.")
    private Path story = Path.of("");

    @Option(names = "--seed", defaultValue = "1", description = "Of everything random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--steps", defaultValue = "2500", description = "Optimiser steps (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--vocabulary", defaultValue = "1536", description = "Tokens (default: ${DEFAULT-VALUE}).")
    private int vocabulary;

    @Option(
            names = "--threads",
            defaultValue = "2",
            description = "Threads of one operation (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--report", description = "Writes held-out accuracy and figures of the run as JSON.")
    private @org.jspecify.annotations.Nullable Path report;

    @Override
    public Integer call() throws IOException {
        TorchEngine.load(threads);
        long began = System.nanoTime();
        MicroWorld world = MicroWorld.generate(seed);
        BytePairVocabulary tokens = Materials.tokenizer(world, seed + 2, vocabulary);
        ModelShape shape = ModelShape.llama(tokens.tokens().size(), 192, 512, 4, 6, 3, 32, 1e-5, 10_000, CONTEXT, true);
        writeDescription(world, tokens, shape);
        FullTraining training = new FullTraining(shape, BytePairVocabulary.PAD, seed + 6);
        // An untrained model in place lets the one encoder that serving uses make the training sequences.
        training.save(out.resolve("model.safetensors"));
        try (BaseModel untrained = BaseModel.open(out)) {
            train(training, new Corpus(world, seed + 5), new SequenceEncoder(untrained), began);
        }
        training.save(out.resolve("model.safetensors"));
        training.close();
        Map<String, Object> results = measure(world);
        results.put("seed", seed);
        results.put("steps", steps);
        results.put("facts", world.facts().size());
        results.put("minutes", (System.nanoTime() - began) / 6e10);
        System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(results));
        if (report != null) {
            JSON.writerWithDefaultPrettyPrinter().writeValue(report.toFile(), results);
        }
        return 0;
    }

    private void writeDescription(MicroWorld world, BytePairVocabulary tokens, ModelShape shape) throws IOException {
        Materials.write(world, tokens, seed, CONTEXT, out, story);
        Files.writeString(
                out.resolve("config.json"),
                shape.toConfigJson(BytePairVocabulary.BEGIN, BytePairVocabulary.END, BytePairVocabulary.PAD));
        Map<String, Object> generation = new LinkedHashMap<>();
        generation.put("bos_token_id", BytePairVocabulary.BEGIN);
        generation.put("eos_token_id", BytePairVocabulary.END);
        generation.put("pad_token_id", BytePairVocabulary.PAD);
        generation.put("do_sample", false);
        JSON.writerWithDefaultPrettyPrinter()
                .writeValue(out.resolve("generation_config.json").toFile(), generation);
    }

    private void train(FullTraining training, Corpus corpus, SequenceEncoder encoder, long began) {
        List<List<Sequence>> waiting = new ArrayList<>();
        double average = 0;
        long tokens = 0;
        java.util.SplittableRandom order = new java.util.SplittableRandom(seed + 7);
        for (int step = 0; step < steps; step++) {
            if (waiting.isEmpty()) {
                waiting.addAll(batches(corpus, encoder));
            }
            List<Sequence> batch = waiting.remove(order.nextInt(waiting.size()));
            double loss = training.step(batch, LearningRate.at(step, steps, PEAK_RATE), WEIGHT_DECAY);
            tokens += batch.stream().mapToInt(s -> s.ids().length).sum();
            average = step == 0 ? loss : 0.98 * average + 0.02 * loss;
            if ((step + 1) % 50 == 0 || step + 1 == steps) {
                double seconds = (System.nanoTime() - began) / 1e9;
                System.err.printf(
                        Locale.ROOT,
                        "step %d/%d  loss %.3f  %.0f tokens/s  %.0f s left%n",
                        step + 1,
                        steps,
                        average,
                        tokens / seconds,
                        seconds / (step + 1) * (steps - step - 1));
            }
        }
    }

    /** A pool of samples cut into batches of like length, so that little is padding. */
    private static List<List<Sequence>> batches(Corpus corpus, SequenceEncoder encoder) {
        List<Sequence> pool = new ArrayList<>();
        while (pool.size() < BATCH * POOL) {
            pool.addAll(encode(corpus.next(), encoder));
        }
        pool.sort(Comparator.comparingInt(sequence -> sequence.ids().length));
        List<List<Sequence>> batches = new ArrayList<>();
        for (int from = 0; from + BATCH <= pool.size(); from += BATCH) {
            batches.add(List.copyOf(pool.subList(from, from + BATCH)));
        }
        return batches;
    }

    private static List<Sequence> encode(Sample sample, SequenceEncoder encoder) {
        if (sample instanceof Document document) {
            return encoder.document(document.text());
        }
        if (sample instanceof Exchange exchange) {
            return List.of(encoder.conversation(
                    List.of(new Turn("user", exchange.prompt()), new Turn("assistant", exchange.completion()))));
        }
        throw new AssertionError(sample);
    }

    /** Exact match by greedy decoding: all facts in held-out phrasings, and the general suite. */
    private Map<String, Object> measure(MicroWorld world) throws IOException {
        try (BaseModel base = BaseModel.open(out);
                Adapter none = Adapter.none(base)) {
            Map<String, Object> results = new LinkedHashMap<>();
            List<Exchange> heldOut =
                    Corpus.heldOutExchanges(world, seed + 4, world.facts().size());
            results.put("held_out_phrasings", accuracy(base, none, heldOut));
            List<Exchange> general = new ArrayList<>();
            for (String line : Files.readAllLines(out.resolve("general.jsonl"))) {
                general.add(JSON.readValue(line, Exchange.class));
            }
            results.put("general", accuracy(base, none, general));
            return results;
        }
    }

    private static double accuracy(BaseModel base, Adapter adapter, List<Exchange> exchanges) {
        SequenceEncoder encoder = new SequenceEncoder(base);
        List<Sequence> sequences = exchanges.stream()
                .map(exchange -> encode(exchange, encoder).get(0))
                .toList();
        return Scoring.score(base, adapter, sequences).stream()
                        .filter(Scoring.Result::right)
                        .count()
                / (double) exchanges.size();
    }
}
