package dev.perennial.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergeCommandTest {
    private static final Path MERGED = Run.OPTIONS.resolve("merged");
    private static final double TOLERANCE = 1e-4;

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @CsvSource({"linear, second", "cat, other"})
    void computesWhatPeftMerged(String method, String other) throws IOException {
        Path out = directory.resolve("out");
        Run run = Run.of(
                "merge",
                "--method",
                method,
                "--adapters",
                MERGED.resolve("first"),
                MERGED.resolve(other),
                "--weights",
                0.7,
                0.3,
                "--out",
                out);
        assertEquals(0, run.code(), run.err());
        JsonNode expected = logprobs(MERGED.resolve(method));
        JsonNode actual = logprobs(out);
        assertTrue(expected.size() > 0);
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).asDouble(), actual.get(i).asDouble(), TOLERANCE);
        }
        assertEquals(List.of("out", "input.jsonl").stream().sorted().toList(), names(directory));
    }

    private JsonNode logprobs(Path adapter) throws IOException {
        Path input = Run.file(directory, "{\"input_ids\":[1,99,98,97,96,20,21,200]}");
        return Run.of(
                        "logprobs",
                        "--model",
                        Run.ARCHITECTURES.resolve("llama3"),
                        "--adapter",
                        adapter,
                        "--input",
                        input)
                .rows()
                .get(0)
                .path("logprobs");
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void replacesNothingAndLeavesNothingHalf() throws IOException {
        Path first = MERGED.resolve("first");
        Path full = Files.createDirectory(directory.resolve("full"));
        Files.writeString(full.resolve("kept"), "kept");
        Run.of("merge", "--method", "cat", "--adapters", first, "--out", full).failed(1, "is not empty");
        assertEquals(List.of("kept"), names(full));
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertEquals(
                0,
                Run.of("merge", "--method", "cat", "--adapters", first, "--out", empty)
                        .code());
        assertEquals(List.of("adapter_config.json", "adapter_model.safetensors"), names(empty));
        Run.of(
                        "merge",
                        "--method",
                        "linear",
                        "--adapters",
                        first,
                        Run.OPTIONS.resolve("patterns"),
                        "--out",
                        directory.resolve("none"))
                .failed(1, "linear merging needs equal ranks");
        assertEquals(List.of("empty", "full"), names(directory));
    }

    @Test
    void namesTheKnownMethodsAndCountsWeights() {
        Path first = MERGED.resolve("first");
        for (String method : List.of("ties", "dare", "svd")) {
            Run.of("merge", "--method", method, "--adapters", first, "--out", directory.resolve("x"))
                    .failed(2, "known methods are linear, cat; got '" + method + "'");
        }
        Run.of("merge", "--method", "cat", "--adapters", first, first, "--weights", 1, "--out", directory.resolve("x"))
                .failed(2, "expected one for each of 2 adapters; got 1");
        Run.of("merge", "--method", "cat", "--adapters", directory, "--out", directory.resolve("x"))
                .failed(1, "adapter_config.json");
    }
}
