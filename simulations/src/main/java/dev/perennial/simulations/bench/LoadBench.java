package dev.perennial.simulations.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Scoring;
import dev.perennial.simulations.Simulations;
import dev.perennial.simulations.bench.RandomCheckpoint.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Opens a checkpoint in a fresh process: with {@code --model} in this one, otherwise random weights in F32 and BF16, each in a process of
 * its own, as memory that one run has freed would count in the next. The files were just written, so they come from the file cache.
 */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = "Seconds to open a checkpoint and to its first answer, and resident memory after each.")
final class LoadBench implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> SECONDS = List.of("engine_seconds", "open_seconds", "first_answer_seconds");
    private static final List<String> BYTES =
            List.of("files_bytes", "resident_before_bytes", "resident_open_bytes", "peak_resident_bytes");

    @Mixin
    private BenchOptions options = new BenchOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (Workspace workspace = options.workspace()) {
            Report report = options.begin("load");
            if (options.hasModel()) {
                open(options.model(workspace, Precision.F32), report);
            } else {
                report.setting("file_cache", "warm, just written");
                for (Precision precision : Precision.values()) {
                    JsonNode figures = openElsewhere(options.model(workspace, precision), workspace);
                    String prefix = precision.name().toLowerCase(Locale.ROOT) + "_";
                    SECONDS.forEach(name ->
                            report.figure(prefix + name, figures.path(name).asDouble(), "s"));
                    BYTES.forEach(name ->
                            report.bytes(prefix + name, figures.path(name).asLong()));
                }
            }
            options.finish(report);
        }
        return 0;
    }

    private void open(Path model, Report report) throws IOException {
        double engineSeconds = options.loadEngine();
        long residentBefore = ProcessMemory.resident();
        long began = System.nanoTime();
        try (BaseModel base = BaseModel.open(model);
                Adapter none = Adapter.none(base)) {
            double openSeconds = BenchOptions.secondsSince(began);
            long residentOpen = ProcessMemory.resident();
            Scoring.score(base, none, RandomBatch.of(base.shape().vocabulary(), 1, 8, 0.5, options.seed()));
            report.figure("engine_seconds", engineSeconds, "s")
                    .figure("open_seconds", openSeconds, "s")
                    .figure("first_answer_seconds", BenchOptions.secondsSince(began), "s")
                    .bytes("files_bytes", weightFiles(model))
                    .bytes("resident_before_bytes", residentBefore)
                    .bytes("resident_open_bytes", residentOpen)
                    .bytes("peak_resident_bytes", ProcessMemory.peak());
        }
    }

    private JsonNode openElsewhere(Path model, Workspace workspace) throws IOException, InterruptedException {
        Path result = Files.createTempFile(workspace.directory(), "load", ".json");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Simulations.class.getName(),
                        "bench",
                        "load",
                        "--model",
                        model.toString(),
                        "--threads",
                        String.valueOf(options.threads()),
                        "--report",
                        result.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException("opening " + model + " in a process of its own ended with code " + code);
        }
        JsonNode figures = JSON.readTree(result.toFile());
        Files.delete(result);
        return figures;
    }

    private static long weightFiles(Path model) throws IOException {
        try (Stream<Path> files = Files.list(model)) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
