package dev.perennial;

import dev.perennial.learning.LearningException;
import dev.perennial.learning.LearningRate;
import dev.perennial.learning.LearningRate.Schedule;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.TorchEngine;
import dev.perennial.offline.Progress;
import dev.perennial.offline.TrainingOptions;
import dev.perennial.offline.TrainingReport;
import dev.perennial.offline.TrainingRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains an adapter from a data file. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains a LoRA adapter on a data file and writes it as a PEFT directory.")
final class TrainCommand implements Callable<Integer> {
    private static final int RANK = 16;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--model", required = true, description = "Directory of the base model.")
    private Path model = Path.of("");

    @Option(
            names = "--data",
            required = true,
            description = "JSON Lines or a JSON array: text | prompt, completion | messages | conversations |"
                    + " prompt, chosen, rejected | prompt, completion, label.")
    private Path data = Path.of("");

    @Option(names = "--out", required = true, description = "Directory to write; it must not exist, or be empty.")
    private Path out = Path.of("");

    @Option(names = "--seed", description = "Of the fresh adapter, the order, dropout, the held-out part (default: 0).")
    private long seed;

    @Option(names = "--rank", description = "Of a fresh adapter (default: 16).")
    private @Nullable Integer rank;

    @Option(names = "--alpha", description = "Of a fresh adapter (default: twice the rank).")
    private @Nullable Double alpha;

    @Option(
            names = "--targets",
            split = ",",
            description = "Of a fresh adapter: all-linear, or projections such as q_proj,v_proj (default: all-linear).")
    private @Nullable List<String> targets;

    @Option(names = "--rslora", description = "A fresh adapter is scaled by alpha / sqrt(rank).")
    private boolean rankStabilised;

    @Option(names = "--dropout", description = "Of a fresh adapter (default: 0).")
    private @Nullable Double dropout;

    @Option(names = "--adapter", description = "Goes on from this adapter, which preferences are then relative to.")
    private @Nullable Path adapter;

    @Option(names = "--steps", description = "Optimiser steps, in place of epochs.")
    private @Nullable Integer steps;

    @Option(names = "--epochs", description = "Times that the data is gone through (default: 3).")
    private @Nullable Integer epochs;

    @Option(names = "--batch", description = "Sequences or pairs a step (default: ${DEFAULT-VALUE}).")
    private int batch = 8;

    @Option(names = "--rate", description = "Highest learning rate (default: 2e-4, for preferences 2e-5).")
    private @Nullable Double rate;

    @Option(
            names = "--lora-plus-ratio",
            description = "Learning rate of B over that of A, 16 for LoRA+ (default: ${DEFAULT-VALUE}).")
    private double loraPlusRatio = 1;

    @Option(names = "--warm-up", description = "Share of the steps (default: ${DEFAULT-VALUE}).")
    private double warmUp = LearningRate.WARM_UP;

    @Option(names = "--schedule", description = "cosine or constant, after the warm-up (default: cosine).")
    private String schedule = "cosine";

    @Option(names = "--weight-decay", description = "Decoupled (default: ${DEFAULT-VALUE}).")
    private double weightDecay;

    @Option(names = "--max-length", description = "Tokens of a sequence (default: the context, at most 1024).")
    private @Nullable Integer maxLength;

    @Option(names = "--method", description = "sft, dpo or kto (default: what the data calls for).")
    private @Nullable String method;

    @Option(names = "--beta", description = "How strongly dpo and kto hold to the parent (default: ${DEFAULT-VALUE}).")
    private double beta = 0.1;

    @Option(
            names = "--held-out",
            description = "Share of the rows that is not trained on; the result is the adapter that does best there"
                    + " (default: 0).")
    private double heldOut;

    @Option(
            names = "--patience",
            description = "Looks at the held-out part without improvement after which to stop; 0 for never"
                    + " (default: ${DEFAULT-VALUE}).")
    private int patience = 3;

    @Option(names = "--checkpoint-every", description = "Steps (default: ${DEFAULT-VALUE}).")
    private int checkpointEvery = 100;

    @Option(names = "--resume", description = "Goes on from the last checkpoint of the same command, if there is one.")
    private boolean resume;

    @Option(
            names = "--memory-budget",
            description = "MiB for activations, or auto for half of what is free (default: auto).")
    private String memoryBudget = "auto";

    @Option(
            names = "--device",
            description = "auto (the first GPU, else the processor), cpu or cuda:N (default: ${DEFAULT-VALUE}).")
    private String device = "auto";

    @Option(names = "--threads", description = "For arithmetic (default: ${DEFAULT-VALUE}).")
    private int threads = 1;

    @Override
    public Integer call() {
        TrainingOptions options = options();
        TorchEngine.load(threads);
        Optional<TrainingReport> report;
        try (Progress progress = new Progress(spec.commandLine().getErr())) {
            report = new TrainingRun(options, progress).run();
        }
        spec.commandLine()
                .getOut()
                .println(report.map(one -> one.summary(out))
                        .orElse(out + " holds a finished training; there is nothing to resume"));
        spec.commandLine().getOut().flush();
        return 0;
    }

    private TrainingOptions options() {
        if (steps != null && epochs != null) {
            throw new LearningException("expected --steps or --epochs; got both");
        }
        if (threads < 1) {
            throw new LearningException("--threads: expected at least 1; got " + threads);
        }
        return new TrainingOptions(
                model,
                device,
                data,
                out,
                seed,
                adapter == null ? Optional.of(fresh()) : Optional.empty(),
                parent(),
                steps == null ? OptionalInt.empty() : OptionalInt.of(steps),
                epochs == null ? 3 : epochs,
                batch,
                rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate),
                loraPlusRatio,
                warmUp,
                schedule(),
                weightDecay,
                maxLength == null ? OptionalInt.empty() : OptionalInt.of(maxLength),
                Optional.ofNullable(method),
                beta,
                heldOut,
                patience,
                checkpointEvery,
                resume,
                memory());
    }

    private LoraSettings fresh() {
        int r = rank == null ? RANK : rank;
        LoraSettings plain = new LoraSettings(
                r,
                alpha == null ? 2.0 * r : alpha,
                dropout == null ? 0 : dropout,
                targets == null ? List.of("all-linear") : targets);
        return new LoraSettings(
                plain.rank(),
                plain.alpha(),
                plain.dropout(),
                plain.targets(),
                plain.excluded(),
                rankStabilised,
                plain.rankPattern(),
                plain.alphaPattern(),
                plain.layers(),
                plain.layersPattern());
    }

    private Optional<Path> parent() {
        boolean shaped = rank != null || alpha != null || targets != null || dropout != null || rankStabilised;
        if (adapter != null && shaped) {
            throw new LearningException("--adapter has its own shape; expected none of --rank, --alpha, --targets,"
                    + " --rslora and --dropout beside it");
        }
        return Optional.ofNullable(adapter);
    }

    private Schedule schedule() {
        return switch (schedule) {
            case "cosine" -> Schedule.COSINE;
            case "constant" -> Schedule.CONSTANT;
            default -> throw new LearningException("--schedule: expected cosine or constant; got '" + schedule + "'");
        };
    }

    private OptionalLong memory() {
        if (memoryBudget.equals("auto")) {
            return OptionalLong.empty();
        }
        if (!memoryBudget.matches("[1-9]\\d{0,8}")) {
            throw new LearningException("--memory-budget: expected MiB from 1 on, or auto; got '" + memoryBudget + "'");
        }
        return OptionalLong.of(Long.parseLong(memoryBudget) << 20);
    }
}
