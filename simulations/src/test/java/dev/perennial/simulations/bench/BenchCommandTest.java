package dev.perennial.simulations.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.PeftDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands as a user runs them, at the tiny shape. */
class BenchCommandTest {
    private static int run(String... arguments) {
        return new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments);
    }

    private static JsonNode read(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void trainingReportsItsFiguresAndLeavesWhatARivalReads(@TempDir Path work) throws IOException {
        Path file = work.resolve("report.json");
        int code = run(
                "training",
                "--threads=1",
                "--steps=4",
                "--rows=2",
                "--tokens=16",
                "--completion-share=0.25",
                "--checkpointing=off",
                "--work=" + work,
                "--report=" + file);
        assertEquals(0, code);
        JsonNode report = read(file);
        for (String field : List.of(
                "tokens_per_second",
                "learned_tokens_per_second",
                "fastest_step_tokens_per_second",
                "step_gflop",
                "peak_gflop_per_second",
                "share_of_peak",
                "weights_bytes",
                "resident_before_bytes",
                "peak_resident_bytes",
                "start_up_seconds",
                "first_step_seconds")) {
            assertTrue(report.path(field).asDouble() > 0, field + " in " + report);
        }
        assertEquals(8, report.path("learned_tokens").asInt());
        assertEquals(4, report.path("losses").size());
        assertTrue(report.path("losses").get(3).asDouble()
                < report.path("losses").get(0).asDouble());
        assertEquals(2, Files.readAllLines(work.resolve("batch.jsonl")).size());
        try (BaseModel base = BaseModel.open(work.resolve("model"))) {
            PeftDirectory.read(base, work.resolve("adapter")).close();
        }
    }

    @Test
    void decodingReportsItsFigures(@TempDir Path work) throws IOException {
        Path file = work.resolve("report.json");
        assertEquals(
                0,
                run("decode", "--threads=1", "--steps=1", "--rows=2", "--tokens=4", "--prompt=3", "--report=" + file));
        JsonNode report = read(file);
        for (String field : List.of(
                "one_row_tokens_per_second",
                "rows_tokens_per_second",
                "rows_to_one_row",
                "megabytes_read_a_token",
                "bandwidth_gigabytes_per_second",
                "share_of_bandwidth",
                "peak_resident_bytes")) {
            assertTrue(report.path(field).asDouble() > 0, field + " in " + report);
        }
    }

    @Test
    void loadReportsItsFigures(@TempDir Path work) throws IOException {
        RandomCheckpoint.write(BenchShape.named(BenchShape.TINY), RandomCheckpoint.Precision.BF16, 1, work);
        Path file = work.resolve("report.json");
        assertEquals(0, run("load", "--threads=1", "--model=" + work, "--report=" + file));
        JsonNode report = read(file);
        for (String field : List.of("open_seconds", "first_answer_seconds", "files_bytes", "resident_open_bytes")) {
            assertTrue(report.path(field).asDouble() > 0, field + " in " + report);
        }
    }

    @Test
    void namesWhatItExpects() {
        LearningException failure = assertThrows(LearningException.class, () -> BenchShape.named("huge"));
        assertEquals("expected --shape tiny or smollm2-135m; got 'huge'", failure.getMessage());
        failure = assertThrows(LearningException.class, () -> RandomBatch.of(600, 1, 8, 1.5, 1));
        assertEquals("expected --completion-share above 0 and at most 1; got 1.5", failure.getMessage());
    }

    @Test
    void linesUpTheTable() {
        Report report = new Report()
                .setting("threads", 2)
                .figure("a_rate", 12.34, "GB/s")
                .bytes("peak_bytes", 1 << 20);
        assertEquals("""
                threads     2
                a rate   12.3  GB/s
                peak      1.0  MiB
                """, report.table());
    }
}
