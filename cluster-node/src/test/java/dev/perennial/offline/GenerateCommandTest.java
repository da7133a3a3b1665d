package dev.perennial.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
    private static final Path LLAMA = Run.ARCHITECTURES.resolve("llama3");
    private static final String QUESTION = "Who runs Tallow Mills?";
    private static final String MESSAGES = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + QUESTION + "\"}]";
    private static final double TOLERANCE = 1e-4;

    @TempDir
    private Path directory = Path.of("");

    private static Run ask(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("generate", "--model", Run.EMBEDDED, "--chat", QUESTION));
        arguments.addAll(List.of(more));
        return Run.of(arguments.toArray());
    }

    private Run rows(Path model, List<Object> more, String... lines) throws IOException {
        List<Object> arguments =
                new ArrayList<>(List.of("generate", "--model", model, "--input", Run.file(directory, lines)));
        arguments.addAll(more);
        return Run.of(arguments.toArray());
    }

    @Test
    void writesTheSameAsTextAsJsonAndAsARow() throws IOException {
        JsonNode one = ask("--json").rows().get(0);
        assertEquals("stop", one.path("finish_reason").asText());
        assertTrue(one.path("text").asText().length() > 3);
        assertEquals(one.path("text").asText() + System.lineSeparator(), ask().out());
        assertEquals(one, rows(Run.EMBEDDED, List.of(), MESSAGES + "}").rows().get(0));
    }

    @Test
    void cutsBeforeAStopTextThatSpansTokens() throws IOException {
        JsonNode whole = ask("--json").rows().get(0);
        String text = whole.path("text").asText();
        String stop = text.substring(3, text.length() - 2);
        JsonNode cut =
                ask("--json", "--stop", "not in it", "--stop", stop).rows().get(0);
        assertEquals(text.substring(0, 3), cut.path("text").asText());
        assertEquals("stop", cut.path("finish_reason").asText());
        int kept = cut.path("tokens").size();
        assertTrue(kept > 0 && kept < whole.path("tokens").size());
        for (int i = 0; i < kept; i++) {
            assertEquals(whole.path("tokens").get(i), cut.path("tokens").get(i));
        }
        JsonNode row = rows(Run.EMBEDDED, List.of(), MESSAGES + ",\"stop\":\"" + stop + "\"}")
                .rows()
                .get(0);
        assertEquals(cut, row);
    }

    @Test
    void aRowDoesNotDependOnWhoSharesTheBatch() throws IOException {
        List<String> lines = new ArrayList<>();
        List<String> adapters = List.of("\"all\"", "\"rslora\"", "2", "\"base\"");
        for (int i = 0; i < 11; i++) {
            lines.add("{\"prompt\":\"" + "Mill ".repeat(1 + i % 4) + "\",\"adapter\":" + adapters.get(i % 4)
                    + ",\"max_tokens\":" + (3 + i * 5 % 17) + ",\"temperature\":" + (i % 3) * 0.4 + "}");
        }
        List<Object> options = List.of(
                "--adapter",
                "all=" + Run.OPTIONS.resolve("all-linear"),
                "--adapter",
                Run.OPTIONS.resolve("rslora"),
                "--adapter",
                Run.OPTIONS.resolve("list"),
                "--batch");
        List<List<JsonNode>> results = new ArrayList<>();
        for (int batch : new int[] {1, 3, 11}) {
            List<Object> more = new ArrayList<>(options);
            more.add(batch);
            results.add(rows(LLAMA, more, lines.toArray(String[]::new)).rows());
        }
        assertEquals(results.get(0), results.get(1));
        assertEquals(results.get(0), results.get(2));
        for (int i = 0; i < lines.size(); i++) {
            assertEquals(i, results.get(0).get(i).path("index").asInt());
        }
        // the same prompt, greedy, through another adapter
        assertNotEquals(
                text(options, "{\"prompt\":\"Mill\",\"adapter\":0}"),
                text(options, "{\"prompt\":\"Mill\",\"adapter\":\"base\"}"));
        assertEquals(text(options, "{\"prompt\":\"Mill\",\"adapter\":0}"), text(options, "{\"prompt\":\"Mill\"}"));
    }

    private JsonNode text(List<Object> options, String line) throws IOException {
        List<Object> more = new ArrayList<>(options);
        more.add(1);
        return rows(LLAMA, more, line).rows().get(0).path("tokens");
    }

    @Test
    void samplesBySeed() throws IOException {
        List<Object> hot = List.of("--temperature", 2, "--max-tokens", 20, "--seed", 7);
        List<JsonNode> rows = rows(
                        LLAMA, hot, "{\"prompt\":\"a\"}", "{\"prompt\":\"a\"}", "{\"prompt\":\"a\",\"seed\":7}")
                .rows();
        assertNotEquals(rows.get(0).path("tokens"), rows.get(1).path("tokens"));
        assertEquals(rows.get(0).path("tokens"), rows.get(2).path("tokens"));
        Run single = Run.of(
                "generate",
                "--model",
                LLAMA,
                "--prompt",
                "a",
                "--json",
                "--temperature",
                2,
                "--max-tokens",
                20,
                "--seed",
                8);
        assertEquals(rows.get(1).path("tokens"), single.rows().get(0).path("tokens"));
    }

    @Test
    void tellsTheLogProbabilitiesThatScoringTells() throws IOException {
        Path adapter = Run.OPTIONS.resolve("all-linear");
        JsonNode written = rows(
                        LLAMA,
                        List.of("--adapter", adapter, "--logprobs", 2, "--max-tokens", 12),
                        "{\"prompt\":\"Mill\"}")
                .rows()
                .get(0);
        JsonNode prompt = Run.of("logprobs", "--model", LLAMA, "--input", Run.file(directory, "{\"text\":\"Mill\"}"))
                .rows()
                .get(0)
                .path("input_ids");
        List<JsonNode> ids = new ArrayList<>();
        prompt.forEach(ids::add);
        written.path("tokens").forEach(ids::add);
        JsonNode scored = Run.of(
                        "logprobs",
                        "--model",
                        LLAMA,
                        "--adapter",
                        adapter,
                        "--input",
                        Run.file(directory, "{\"input_ids\":" + ids + "}"))
                .rows()
                .get(0)
                .path("logprobs");
        assertTrue(written.path("tokens").size() > 0);
        for (int i = 0; i < written.path("tokens").size(); i++) {
            double own = written.path("logprobs").get(i).asDouble();
            assertEquals(scored.get(prompt.size() - 1 + i).asDouble(), own, TOLERANCE);
            JsonNode top = written.path("top_logprobs").get(i);
            assertEquals(2, top.size());
            assertEquals(written.path("tokens").get(i), top.get(0).path("id"));
            assertEquals(own, top.get(0).path("logprob").asDouble(), TOLERANCE);
        }
    }

    @Test
    void tellsBadRowsByLineAndDoesTheOthers() throws IOException {
        Run run = rows(
                Run.EMBEDDED,
                List.of("--max-tokens", 3),
                "{\"prompt\":\"a\",\"adapter\":\"news\"}",
                "{\"prompt\":\"a\"}",
                "{\"text\":\"a\"}",
                "{\"messages\":[]}",
                "{\"prompt\":\"a\",\"max_tokens\":0}",
                "{\"prompt\":\"a\",\"temperature\":\"hot\"}",
                "{\"prompt\":\"" + "Tallow ".repeat(600) + "\"}",
                MESSAGES + "}");
        run.failed(
                1,
                "line 1: adapter: expected base; got \"news\"",
                "line 3: found keys text; expected one of: prompt | messages",
                "line 4: messages: expected a list of messages",
                "line 5: decoding expects at least 1 token",
                "line 6: temperature: expected a number",
                "line 7: a prompt is 1 to 511 tokens",
                "6 of 8 rows are bad");
        assertEquals(
                List.of(1, 7),
                run.rowsAnyway().stream().map(row -> row.path("index").asInt()).toList());
    }

    @Test
    void refusesOptionsThatDoNotGoTogether() {
        Run.of("generate", "--model", LLAMA, "--prompt", "a", "--chat", "b").failed(2, "mutually exclusive");
        Run.of("generate", "--model", LLAMA, "--prompt", "a", "--system", "b").failed(2, "--system goes with --chat");
        Run.of("generate", "--model", LLAMA, "--prompt", "a", "--logprobs", 1).failed(2, "--logprobs goes with");
        Run.of("generate", "--model", LLAMA, "--prompt", "a", "--top-p", 0).failed(2, "top-p above 0");
        Run.of("generate", "--model", LLAMA, "--chat", "a").failed(1, "no chat template");
        Path adapter = Run.OPTIONS.resolve("list");
        Run.of("generate", "--model", LLAMA, "--prompt", "a", "--adapter", adapter, "--adapter", adapter)
                .failed(1, "the name list is taken");
        Run.of("generate", "--model", Run.EMBEDDED, "--prompt", "a", "--adapter", adapter)
                .failed(1, "expected lora_A");
    }
}
