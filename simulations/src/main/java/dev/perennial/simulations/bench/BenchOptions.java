package dev.perennial.simulations.bench;

import dev.perennial.learning.LearningException;
import dev.perennial.learning.TorchEngine;
import dev.perennial.simulations.bench.RandomCheckpoint.Precision;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all benchmarks take: a model, threads, a folder to work in, a report. */
final class BenchOptions {
    @Option(
            names = "--shape",
            defaultValue = BenchShape.TINY,
            description = "Shape of a model of random weights: tiny or smollm2-135m (default: ${DEFAULT-VALUE}).")
    private String shape = BenchShape.TINY;

    @Option(names = "--model", description = "A model directory, in place of --shape.")
    private @Nullable Path model;

    @Option(names = "--threads", description = "Threads of one operation (default: all cores, ${DEFAULT-VALUE}).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--seed", defaultValue = "1", description = "Of everything random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--work",
            description = "Folder where the random model and what a rival is to read stay (default: a temporary one).")
    private @Nullable Path work;

    @Option(names = "--report", description = "Writes the figures as JSON.")
    private @Nullable Path report;

    /** Loads the native library, first of all; seconds from the start of the process until it is there. */
    double loadEngine() {
        atLeast("--threads", threads, 1);
        TorchEngine.load(threads);
        return (System.currentTimeMillis()
                        - ManagementFactory.getRuntimeMXBean().getStartTime())
                / 1e3;
    }

    /** The folder of {@code --work}, or one that goes away when it is closed. */
    Workspace workspace() throws IOException {
        return Workspace.open(work);
    }

    boolean hasModel() {
        return model != null;
    }

    /** The directory of {@code --model}, or a random model made in the workspace. */
    Path model(Workspace workspace, Precision precision) throws IOException {
        if (model != null) {
            return model;
        }
        Path made = workspace.directory().resolve(precision == Precision.F32 ? "model" : "model-bf16");
        System.err.println("writing random weights, " + shape + ", " + precision);
        Files.createDirectories(made);
        RandomCheckpoint.write(BenchShape.named(shape), precision, seed, made);
        return made;
    }

    /** A report that begins with what all have in common. */
    Report begin(String bench) {
        return new Report()
                .setting("bench", bench)
                .setting("model", model == null ? shape + ", random weights" : model.toString())
                .setting("threads", threads)
                .setting("seed", seed);
    }

    /** The table on stdout, and the JSON where it was asked for. */
    void finish(Report figures) throws IOException {
        System.out.print(figures.table());
        if (report != null) {
            figures.write(report);
        }
    }

    long seed() {
        return seed;
    }

    int threads() {
        return threads;
    }

    /** @throws LearningException where the value is smaller */
    static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new LearningException("expected " + option + " of at least " + least + "; got " + value);
        }
    }

    static double secondsSince(long began) {
        return (System.nanoTime() - began) / 1e9;
    }
}
