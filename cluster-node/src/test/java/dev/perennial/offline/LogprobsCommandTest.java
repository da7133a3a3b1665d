package dev.perennial.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LogprobsCommandTest {
    private static final double TOLERANCE = 1e-4;
    private static final Path LLAMA = Run.ARCHITECTURES.resolve("llama3");

    @TempDir
    private Path directory = Path.of("");

    static Stream<String> architectures() throws IOException {
        try (Stream<Path> all = Files.list(Run.ARCHITECTURES)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void givesWhatTransformersAndPeftGive(String name) throws IOException {
        Path model = Run.ARCHITECTURES.resolve(name);
        JsonNode values = Run.JSON.readTree(model.resolve("values.json").toFile());
        Path input = Run.file(directory, "{\"input_ids\":" + values.path("ids") + "}");
        near(values.path("base.logprobs"), Run.of("logprobs", "--model", model, "--input", input));
        near(
                values.path("adapter.logprobs"),
                Run.of("logprobs", "--model", model, "--adapter", model.resolve("adapter"), "--input", input));
    }

    @Test
    void aDeviceThatIsNotThereIsAnErrorThatNamesThoseThatMayBe() throws IOException {
        Path input = Run.file(directory, "{\"text\":\"a\"}");
        Run unknown = Run.of("logprobs", "--model", LLAMA, "--input", input, "--device", "tpu");
        assertEquals(1, unknown.code());
        assertTrue(unknown.err().contains("unknown device 'tpu'; expected auto, cpu or cuda:0"), unknown.err());
        Run absent = Run.of("logprobs", "--model", LLAMA, "--input", input, "--device", "cuda:99");
        assertEquals(1, absent.code());
        assertTrue(absent.err().contains("there is no device cuda:99"), absent.err());
        assertEquals(
                0,
                Run.of("logprobs", "--model", LLAMA, "--input", input, "--device", "cpu")
                        .code());
    }

    @Test
    void readsTextAsTheReferenceTokenisesIt() throws IOException {
        int checked = 0;
        for (JsonNode row :
                Run.JSON.readTree(Run.OPTIONS.resolve("values.json").toFile()).path("logprobs")) {
            Path input = Run.file(directory, "{\"text\":" + row.path("text") + "}");
            List<Object> arguments = new ArrayList<>(List.of("logprobs", "--model", LLAMA, "--input", input));
            if (row.path("adapter").isTextual()) {
                arguments.addAll(List.of(
                        "--adapter", Run.OPTIONS.resolve(row.path("adapter").asText())));
            }
            Run run = Run.of(arguments.toArray());
            // the reference has the text with and without the begin token, which this model has
            if (run.rows().get(0).path("input_ids").equals(row.path("input_ids"))) {
                near(row.path("logprobs"), run);
                checked++;
            }
        }
        assertEquals(2, checked);
    }

    private static void near(JsonNode expected, Run run) throws IOException {
        JsonNode actual = run.rows().get(0).path("logprobs");
        assertTrue(expected.size() > 0);
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).asDouble(), actual.get(i).asDouble(), TOLERANCE);
        }
    }

    @Test
    void keepsTheOrderOfMoreRowsThanAreHeldAtATime() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            StringBuilder ids = new StringBuilder("{\"input_ids\":[1");
            for (int t = 0; t < i * 7 % 13; t++) {
                ids.append(',').append((i * 31 + t * 17) % 250);
            }
            lines.add(ids.append("]}").toString());
        }
        List<JsonNode> rows = Run.of(
                        "logprobs", "--model", LLAMA, "--input", Run.file(directory, lines.toArray(String[]::new)))
                .rows();
        assertEquals(lines.size(), rows.size());
        for (int i = 0; i < lines.size(); i++) {
            assertEquals(
                    Run.JSON.readTree(lines.get(i)).path("input_ids"),
                    rows.get(i).path("input_ids"));
            assertEquals(
                    rows.get(i).path("input_ids").size() - 1,
                    rows.get(i).path("logprobs").size());
        }
        near(
                rows.get(298).path("logprobs"),
                Run.of("logprobs", "--model", LLAMA, "--input", Run.file(directory, lines.get(298))));
    }

    @Test
    void saysWhereACompletionBeginsAndReadsStandardInput() throws IOException {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(
                "{\"prompt\":\"Who runs\",\"completion\":\" Tallow\"}\n\n{\"text\":\"Who runs\"}"
                        .getBytes(StandardCharsets.UTF_8)));
        try {
            List<JsonNode> rows =
                    Run.of("logprobs", "--model", Run.EMBEDDED, "--input", "-").rows();
            int prompt = rows.get(1).path("input_ids").size();
            assertEquals(prompt, rows.get(0).path("completion_from").asInt());
            assertTrue(rows.get(0).path("input_ids").size() > prompt);
            assertEquals(1, rows.get(1).path("input_ids").path(0).asInt());
            assertTrue(rows.get(1).path("completion_from").isMissingNode());
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void tellsBadRowsByLineAndDoesTheOthers() throws IOException {
        int context = Run.JSON
                .readTree(Run.EMBEDDED.resolve("config.json").toFile())
                .path("max_position_embeddings")
                .asInt();
        Path input = Run.file(
                directory,
                "{\"input_ids\":[5,6]}",
                "{\"question\":\"a\",\"answer\":\"b\"}",
                "{\"text\":\"a\",\"input_ids\":[1]}",
                "{\"text\":",
                "",
                "{\"input_ids\":[1,1536]}",
                "{\"input_ids\":[1,2.5]}",
                "{\"text\":\"" + "Tallow ".repeat(context) + "\"}",
                "{\"prompt\":\"a\",\"completion\":\"\"}",
                "[1]",
                "{\"input_ids\":[7]}");
        Run run = Run.of("logprobs", "--model", Run.EMBEDDED, "--input", input);
        run.failed(
                1,
                input + " line 2: found keys question, answer; expected one of: text | input_ids | prompt, completion",
                input + " line 3: found keys text, input_ids",
                input + " line 4: the JSON is malformed",
                input + " line 6: input_ids[1]: expected an integer from 0 to 1535; got 1536",
                input + " line 7: input_ids[1]: expected an integer from 0 to 1535; got 2.5",
                input + " line 8: expected at most " + context + " tokens, the base model's context; got ",
                input + " line 9: completion: expected at least one token",
                input + " line 10: expected a JSON object; got a list",
                "8 of 10 rows are bad");
        assertEquals(2, run.rowsAnyway().size());
        assertEquals(
                "{\"input_ids\":[7],\"logprobs\":[]}",
                run.out().lines().toList().get(1));
    }

    @Test
    void failsInOneLine() throws IOException {
        Run.of("logprobs", "--model", Run.EMBEDDED).failed(2, "--input");
        Run.of("logprobs", "--model", Run.EMBEDDED, "--input", "x", "--threads", 0)
                .failed(2, "--threads");
        Run.of("logprobs", "--model", directory.resolve("none"), "--input", Run.file(directory, "{}"))
                .failed(1, "is not a readable directory");
        Run.of("logprobs", "--model", Run.EMBEDDED, "--input", directory.resolve("none"))
                .failed(1, "cannot read " + directory.resolve("none"));
        Run.of("logprobs", "--model", Run.EMBEDDED, "--input", Run.file(directory))
                .failed(1, "no rows");
    }
}
