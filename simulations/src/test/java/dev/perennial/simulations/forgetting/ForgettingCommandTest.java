package dev.perennial.simulations.forgetting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command as a user runs it, on minute tasks. */
class ForgettingCommandTest {
    private record Ended(int code, String errors) {}

    private static Ended run(String... arguments) {
        StringWriter errors = new StringWriter();
        int code = new CommandLine(new Forgetting())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println(failure.getMessage());
                    return 1;
                })
                .setErr(new PrintWriter(errors))
                .execute(arguments);
        return new Ended(code, errors.toString());
    }

    private static JsonNode read(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void worldIsLearnedByEachMethodAndReported(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("report.json");
        Ended ended = run(
                "--world",
                "--tasks=2",
                "--facts=2",
                "--phrasings=10",
                "--epochs=1",
                "--methods=lora,lora+buffer,routed",
                "--orders=2",
                "--report=" + file);
        assertEquals(0, ended.code(), ended.errors());
        JsonNode report = read(file);
        assertEquals("world", report.path("sequence").asText());
        assertEquals(2, report.path("tasks").asInt());
        assertEquals(1, report.path("seeds").asInt());
        assertEquals(2, report.path("orders").asInt());
        assertEquals(3, report.path("methods").size());
        for (JsonNode method : report.path("methods")) {
            for (String figure : List.of(
                    "average_accuracy", "backward_transfer", "forward_transfer", "forgetting", "general_change")) {
                assertTrue(method.path(figure).path("mean").isNumber(), figure + " in " + method);
                assertTrue(method.path(figure).path("spread").isNumber(), figure + " in " + method);
            }
            assertTrue(method.path("seconds").asDouble() > 0);
            assertTrue(method.path("trained_parameters").asLong() > 0);
            assertEquals(2, method.path("matrix").size());
            assertEquals(2, method.path("matrix").get(1).size());
        }
        assertEquals(0, report.path("methods").get(0).path("buffer_share").asDouble());
        double kept = report.path("methods").get(1).path("buffer_share").asDouble();
        assertTrue(kept > 0 && kept <= 0.05, "kept " + kept);
        assertTrue(Files.readString(folder.resolve("report.html")).contains("lora+buffer"));
    }

    @Test
    void longRunReportsWhatIsKnownStaleAndStored(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("long.json");
        Ended ended = run("--long-run=2", "--epochs=1", "--methods=lora+buffer+ewc", "--report=" + file);
        assertEquals(0, ended.code(), ended.errors());
        JsonNode points = read(file).path("points");
        assertEquals(2, points.size());
        JsonNode last = points.get(1);
        assertEquals(
                last.path("adapter_bytes").asLong(), last.path("fisher_bytes").asLong());
        assertTrue(last.path("adapter_bytes").asLong() > 0);
        assertTrue(last.path("buffer_share").asDouble() <= 0.05);
        assertEquals(
                points.get(0).path("adapter_bytes").asLong(),
                last.path("adapter_bytes").asLong());
        assertTrue(Files.exists(folder.resolve("long.html")));
    }

    @Test
    void jointTrainingThatLearnsOnceWaitsForTheLastTask(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("report.json");
        Ended ended = run(
                "--world",
                "--tasks=2",
                "--facts=2",
                "--phrasings=10",
                "--epochs=1",
                "--methods=joint",
                "--joint-once",
                "--report=" + file);
        assertEquals(0, ended.code(), ended.errors());
        JsonNode joint = read(file).path("methods").get(0);
        assertEquals(joint.path("before"), joint.path("matrix").get(0));
        assertEquals(1, joint.path("buffer_share").asDouble());
    }

    @Test
    void longRunRefusesWhatItWouldPassOver(@TempDir Path folder) {
        Ended ended = run("--long-run=2", "--seeds=3", "--methods=lora,joint", "--report=" + folder.resolve("x.json"));
        assertEquals(1, ended.code());
        assertTrue(
                ended.errors()
                        .contains("--long-run has one method, one seed and facts of its own; got --methods lora,joint,"
                                + " --seeds 3"),
                ended.errors());
    }

    @Test
    void withoutTheDataItSaysWhatItExpects(@TempDir Path folder) {
        Ended ended = run("--clinc=" + folder, "--report=" + folder.resolve("report.json"));
        assertFalse(ended.code() == 0);
        assertTrue(ended.errors().contains("data_full.json") && ended.errors().contains("CLINC150"), ended.errors());
    }

    @Test
    void methodThatThereIsNotIsRefusedByName(@TempDir Path folder) {
        Ended ended = run("--world", "--methods=lora,magic", "--report=" + folder.resolve("report.json"));
        assertFalse(ended.code() == 0);
        assertTrue(ended.errors().contains("magic"), ended.errors());
    }
}
