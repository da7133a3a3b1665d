package dev.perennial.simulations.bench;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.ModelShape;
import dev.perennial.simulations.bench.RandomCheckpoint.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Decodes one row with one adapter, then several rows, each with an adapter of its own. Reading the prompt is not timed. */
@Command(
        name = "decode",
        mixinStandardHelpOptions = true,
        description = "Tokens/s of one row and of several with different adapters, share of the memory bandwidth.")
final class DecodeBench implements Callable<Integer> {
    @Mixin
    private BenchOptions options = new BenchOptions();

    @Option(
            names = "--steps",
            defaultValue = "3",
            description = "Repetitions, after one that is not timed (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--rows",
            defaultValue = "8",
            description = "Rows of the second part, each with its own adapter (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Option(
            names = "--tokens",
            defaultValue = "64",
            description =
                    "Tokens that each row writes, at least 2; the first is not timed (default: ${DEFAULT-VALUE}).")
    private int tokens;

    @Option(names = "--prompt", defaultValue = "16", description = "Tokens of the prompt (default: ${DEFAULT-VALUE}).")
    private int promptTokens;

    @Option(names = "--chunk", defaultValue = "16", description = "Tokens a call (default: ${DEFAULT-VALUE}).")
    private int chunk;

    @Option(names = "--rank", defaultValue = "16", description = "Of the adapters (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Override
    public Integer call() throws IOException {
        BenchOptions.atLeast("--steps", steps, 1);
        BenchOptions.atLeast("--rows", rows, 1);
        BenchOptions.atLeast("--tokens", tokens, 2);
        BenchOptions.atLeast("--prompt", promptTokens, 1);
        BenchOptions.atLeast("--chunk", chunk, 1);
        double engineSeconds = options.loadEngine();
        try (Workspace workspace = options.workspace()) {
            Path model = options.model(workspace, Precision.F32);
            Report report = options.begin("decode")
                    .setting("rows", rows)
                    .setting("prompt_tokens", promptTokens)
                    .setting("tokens_a_row", tokens)
                    .setting("rank", rank);
            long began = System.nanoTime();
            try (BaseModel base = BaseModel.open(model)) {
                report.figure("start_up_seconds", engineSeconds + BenchOptions.secondsSince(began), "s");
                decode(base, report);
            }
            options.finish(report);
        }
        return 0;
    }

    private void decode(BaseModel base, Report report) throws IOException {
        ModelShape shape = base.shape();
        LoraSettings settings = new LoraSettings(rank, 2.0 * rank, 0, List.of("all-linear"));
        List<Adapter> adapters = LongStream.range(0, rows)
                .mapToObj(row -> Adapter.fresh(base, settings, options.seed() + row))
                .toList();
        int[] prompt = RandomBatch.ids(new SplittableRandom(options.seed()), shape.vocabulary(), promptTokens);
        double one = rate(base, adapters.subList(0, 1), prompt);
        double several = rate(base, adapters, prompt);
        adapters.forEach(Adapter::close);
        long peak = ProcessMemory.peak();
        double bytes = Traffic.bytesPerToken(shape, rank, promptTokens + (tokens - 1) / 2.0);
        double bandwidth = Peaks.memoryBandwidth();
        report.figure("one_row_tokens_per_second", one, "tokens/s")
                .figure("rows_tokens_per_second", several, "tokens/s")
                .figure("rows_to_one_row", several / one, "")
                .figure("megabytes_read_a_token", bytes / 1e6, "MB")
                .figure("gigabytes_per_second", bytes * one / 1e9, "GB/s")
                .figure("bandwidth_gigabytes_per_second", bandwidth / 1e9, "GB/s")
                .figure("share_of_bandwidth", bytes * one / bandwidth, "")
                .bytes("weights_bytes", 4 * DecoderWeights.count(shape))
                .bytes("peak_resident_bytes", peak);
    }

    /** Median tokens/s over the repetitions. */
    private double rate(BaseModel base, List<Adapter> adapters, int[] prompt) {
        double[] rates = new double[steps];
        for (int repetition = -1; repetition < steps; repetition++) {
            try (DecodingRun run = new DecodingRun(base, adapters, prompt, tokens, chunk)) {
                long began = System.nanoTime();
                int written = run.write();
                double rate = written / BenchOptions.secondsSince(began);
                if (written == 0) {
                    throw new LearningException(
                            "the model ended every row at its first token; another --seed gives another prompt");
                }
                System.err.printf(Locale.ROOT, "%d rows: %d tokens, %.1f tokens/s%n", adapters.size(), written, rate);
                if (repetition >= 0) {
                    rates[repetition] = rate;
                }
            }
        }
        return Statistics.median(rates);
    }
}
