package dev.perennial.simulations.bench;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.ModelShape;
import dev.perennial.learning.Sequence;
import dev.perennial.simulations.bench.RandomCheckpoint.Precision;
import dev.perennial.simulations.bench.TrainingRun.Checkpointing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Trains a LoRA on one batch again and again. Leaves {@code model}, {@code batch.jsonl} and {@code adapter} (as it was before the first
 * step) in {@code --work}, so that {@code bench_trl.py} can do the same.
 */
@Command(
        name = "training",
        mixinStandardHelpOptions = true,
        description = "Tokens/s of LoRA training, its share of the matrix-product peak, peak memory, start-up.")
final class TrainingBench implements Callable<Integer> {
    /** Steps that are not timed: the first ones allocate memory and choose kernels. */
    private static final int WARM_UP = 2;

    @Mixin
    private BenchOptions options = new BenchOptions();

    @Option(
            names = "--steps",
            defaultValue = "10",
            description = "Steps, at least 3; the first 2 are not timed (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--rows", defaultValue = "4", description = "Rows of the batch (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Option(names = "--tokens", defaultValue = "256", description = "Tokens of a row (default: ${DEFAULT-VALUE}).")
    private int tokens;

    @Option(
            names = "--completion-share",
            defaultValue = "0.5",
            description = "Part of each row that is learned, its end (default: ${DEFAULT-VALUE}).")
    private double completionShare;

    @Option(
            names = "--rank",
            defaultValue = "16",
            description = "Of the adapter; alpha is twice that (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(names = "--rate", defaultValue = "2e-4", description = "Learning rate (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--checkpointing",
            defaultValue = "auto",
            description = "Compute activations again to save memory: on, off, auto (default: ${DEFAULT-VALUE}).")
    private Checkpointing checkpointing = Checkpointing.AUTO;

    @Option(names = "--memory-budget", description = "Bytes that activations may take, for --checkpointing auto.")
    private @Nullable Long memoryBudget;

    @Override
    public Integer call() throws IOException {
        BenchOptions.atLeast("--steps", steps, WARM_UP + 1);
        BenchOptions.atLeast("--rows", rows, 1);
        BenchOptions.atLeast("--tokens", tokens, 2);
        BenchOptions.atLeast("--rank", rank, 1);
        double engineSeconds = options.loadEngine();
        try (Workspace workspace = options.workspace()) {
            Path model = options.model(workspace, Precision.F32);
            Report report = options.begin("training")
                    .setting("rows", rows)
                    .setting("tokens_a_row", tokens)
                    .setting("rank", rank)
                    .setting("checkpointing", checkpointing.name().toLowerCase(Locale.ROOT))
                    .setting("steps", steps);
            train(model, workspace, engineSeconds, report);
            options.finish(report);
        }
        return 0;
    }

    private void train(Path model, Workspace workspace, double engineSeconds, Report report) throws IOException {
        ProcessMemory.beginAnew();
        long residentBefore = ProcessMemory.resident();
        long began = System.nanoTime();
        TrainingRun.Options chosen = new TrainingRun.Options(
                rank,
                rate,
                checkpointing,
                memoryBudget == null ? OptionalLong.empty() : OptionalLong.of(memoryBudget),
                options.seed());
        try (BaseModel base = BaseModel.open(model);
                TrainingRun run = new TrainingRun(base, chosen)) {
            double openSeconds = BenchOptions.secondsSince(began);
            ModelShape shape = base.shape();
            List<Sequence> batch = RandomBatch.of(shape.vocabulary(), rows, tokens, completionShare, options.seed());
            run.writeFresh(workspace.directory().resolve("adapter"));
            RandomBatch.write(batch, workspace.directory().resolve("batch.jsonl"));
            double[] losses = new double[steps];
            double[] seconds = new double[steps];
            for (int step = 0; step < steps; step++) {
                long stepBegan = System.nanoTime();
                losses[step] = run.step(batch);
                seconds[step] = BenchOptions.secondsSince(stepBegan);
                System.err.printf(
                        Locale.ROOT,
                        "step %d/%d  loss %.4f  %.0f tokens/s%n",
                        step + 1,
                        steps,
                        losses[step],
                        rows * tokens / seconds[step]);
            }
            long peak = ProcessMemory.peak();
            long learned = batch.stream().mapToInt(Sequence::learned).sum();
            double median = Statistics.median(Arrays.copyOfRange(seconds, WARM_UP, steps));
            report.setting("learned_tokens", learned);
            speed(shape, median, learned, report);
            // On cores that others use too, the step that they disturbed least.
            report.figure("fastest_step_tokens_per_second", rows * tokens / Statistics.smallest(seconds), "tokens/s");
            memory(shape, residentBefore, peak, report);
            report.figure("start_up_seconds", engineSeconds + openSeconds, "s")
                    .figure("open_seconds", openSeconds, "s")
                    .figure("first_step_seconds", seconds[0], "s")
                    .figure("last_loss", losses[steps - 1], "nats")
                    .series("losses", losses)
                    .series("step_seconds", seconds);
        }
    }

    private void speed(ModelShape shape, double median, long learned, Report report) {
        double flops = Flops.trainingStep(shape, rows, tokens, learned, rank);
        double peak = Peaks.matrixProducts(shape, rows * tokens);
        report.figure("tokens_per_second", rows * tokens / median, "tokens/s")
                .figure("learned_tokens_per_second", learned / median, "tokens/s")
                .figure("step_gflop", flops / 1e9, "GFLOP")
                .figure("gflop_per_second", flops / median / 1e9, "GFLOP/s")
                .figure("peak_gflop_per_second", peak / 1e9, "GFLOP/s")
                .figure("share_of_peak", flops / median / peak, "");
    }

    /** Against the target of 1.2 times the weights plus 1 GB, which is for training with checkpointing. */
    private static void memory(ModelShape shape, long residentBefore, long peak, Report report) {
        long weights = 4 * DecoderWeights.count(shape);
        report.bytes("weights_bytes", weights)
                .bytes("resident_before_bytes", residentBefore)
                .bytes("peak_resident_bytes", peak)
                .figure("peak_resident_of_allowance", peak / (1.2 * weights + 1e9), "");
    }
}
