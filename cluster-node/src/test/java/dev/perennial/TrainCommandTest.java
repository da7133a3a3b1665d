package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.PeftDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code perennial train} as a user calls it, on the tiny reference model and on the embedded base. */
class TrainCommandTest {
    private static final String TINY = "src/test/resources/reference/untied";
    private static final String EMBEDDED = "src/main/resources/base";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory = Path.of("");

    private record Ended(int status, String out, String err) {}

    @Test
    void writesAnAdapterThatReadsBackAndWhatItWasMadeOf() throws IOException {
        Ended ended = run(
                with(EMBEDDED, facts(), "a"),
                "--rank=8 --targets=q_proj,v_proj --rslora --dropout=0.05 --lora-plus-ratio=4 --epochs=10 --batch=4"
                        + " --rate=5e-3 --held-out=0.2 --seed=3 --memory-budget=64 --method=sft");
        assertEquals(0, ended.status(), ended.err());
        assertTrue(ended.out().contains(" tokens/s"), ended.out());
        assertTrue(ended.out().contains("held-out loss"), ended.out());
        assertTrue(ended.err().contains("step 20/20"), ended.err());
        Path out = directory.resolve("a");
        try (BaseModel base = BaseModel.open(Path.of(EMBEDDED));
                Adapter adapter = PeftDirectory.read(base, out)) {
            var settings = adapter.settings().orElseThrow();
            assertEquals(8, settings.rank());
            assertEquals(16, settings.alpha());
            assertTrue(settings.rankStabilised());
        }
        JsonNode report = JSON.readTree(Files.readAllBytes(out.resolve("training.json")));
        assertEquals("sft", report.path("settings").path("method").asText());
        assertEquals("3", report.path("settings").path("seed").asText());
        assertEquals(20, report.path("steps").asInt());
        assertEquals(8, report.path("data").path("rows").asInt());
        assertTrue(report.path("tokens_per_second").asDouble() > 0);
        double first = report.path("first_loss").asDouble();
        assertTrue(report.path("final_loss").asDouble() < first / 2, report.toString());
        assertEquals(List.of("a", "facts.jsonl"), names());
    }

    @Test
    void goesOnFromAnAdapterAndHoldsPreferencesToIt() throws IOException {
        assertEquals(0, run(with(TINY, facts(), "first"), "--steps=3").status());
        Ended ended = run(with(TINY, preferences(), "second"), "--steps=3 --adapter=" + directory.resolve("first"));
        assertEquals(0, ended.status(), ended.err());
        assertTrue(ended.err().contains("parent's log-probabilities 8/8"), ended.err());
        assertTrue(ended.err().contains("reward accuracy"), ended.err());
        assertTrue(ended.out().startsWith("dpo: 3 steps on 4 rows, loss 0.6931 at first"), ended.out());
        assertFalse(same("first", "second"));
        Ended shaped = run(with(TINY, facts(), "third"), "--steps=3 --rank=4 --adapter=" + directory.resolve("first"));
        assertRefused("--adapter has its own shape", shaped);
    }

    @Test
    void learnsLabelledAnswers() throws IOException {
        Path data = write(
                "labels.jsonl",
                "{'prompt':'a','completion':' yes','label':true}",
                "{'prompt':'b','completion':' no','label':false}",
                "{'prompt':'c','completion':' well','label':true}");
        Ended ended = run(with(TINY, data, "a"), "--steps=2");
        assertEquals(0, ended.status(), ended.err());
        assertTrue(ended.out().startsWith("kto: 2 steps"), ended.out());
    }

    @Test
    void goesOnAfterItWasKilledToTheSameBytes() throws Exception {
        String options = "--steps=1500 --batch=4 --checkpoint-every=5 --held-out=0.2 --patience=0";
        assertEquals(0, run(with(TINY, facts(), "whole"), options).status());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.perennial.Main"));
        command.addAll(with(TINY, facts(), "killed"));
        command.addAll(List.of(options.split(" ", -1)));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        try {
            Path checkpoint = directory.resolve("killed.partial/checkpoint.safetensors");
            Await.until("a checkpoint", Duration.ofMinutes(1), () -> Files.exists(checkpoint) || !process.isAlive());
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertEquals(
                List.of("facts.jsonl", "killed.partial", "log", "whole"),
                names(),
                Files.readString(directory.resolve("log")));
        assertRefused("--resume goes on with it, or delete it", run(with(TINY, facts(), "killed"), options));
        assertRefused(
                "is of another training: expected rate 0.5; got 2.0E-4",
                run(with(TINY, facts(), "killed"), options + " --rate=0.5 --resume"));
        Ended ended = run(with(TINY, facts(), "killed"), options + " --resume");
        assertEquals(0, ended.status(), ended.err());
        assertFalse(ended.err().contains("step 1/"), ended.err());
        assertTrue(same("whole", "killed"), "the resumed adapter differs");
        assertEquals(List.of("facts.jsonl", "killed", "log", "whole"), names());
        Ended again = run(with(TINY, facts(), "killed"), options + " --resume");
        assertEquals(0, again.status(), again.err());
        assertTrue(again.out().contains("there is nothing to resume"), again.out());
    }

    @Test
    void refusesWhatCannotBeUsedInOneLineAndWritesNothing() throws IOException {
        Path broken = write("broken.jsonl", "{'prompt':'a','completion':'b'}", "{'prompt':'a'}");
        assertRefused("broken.jsonl line 2: found keys prompt", run(with(TINY, broken, "a"), ""));
        assertRefused("no readable", run(with(directory.toString(), facts(), "a"), ""));
        assertRefused("unknown method 'orpo'; known: sft, dpo, kto", run(with(TINY, facts(), "a"), "--method=orpo"));
        assertRefused("method dpo: expected preference rows", run(with(TINY, facts(), "a"), "--method=dpo"));
        assertRefused("unknown LoRA target 'wq'", run(with(TINY, facts(), "a"), "--targets=wq"));
        assertRefused("--steps or --epochs", run(with(TINY, facts(), "a"), "--steps=1 --epochs=1"));
        assertRefused("--batch", run(with(TINY, facts(), "a"), "--batch=0"));
        assertRefused("--beta", run(with(TINY, facts(), "a"), "--beta=0"));
        assertRefused("--memory-budget", run(with(TINY, facts(), "a"), "--memory-budget=lots"));
        assertRefused("--max-length", run(with(TINY, facts(), "a"), "--max-length=65"));
        assertRefused("learning rate", run(with(TINY, facts(), "a"), "--rate=-1"));
        assertRefused("facts.jsonl", run(with(TINY, facts(), "a"), "--rate=1e30"));
        assertEquals(List.of("a.partial", "broken.jsonl", "facts.jsonl"), names());
        Path full = Files.createDirectories(directory.resolve("full"));
        Files.writeString(full.resolve("mine"), "kept");
        for (String resume : List.of("", "--resume")) {
            assertRefused("exists and is not empty", run(with(TINY, facts(), "full"), resume));
        }
        assertEquals("kept", Files.readString(full.resolve("mine")));
    }

    private static void assertRefused(String part, Ended ended) {
        assertEquals(1, ended.status(), ended.out());
        List<String> errors =
                ended.err().lines().filter(line -> !line.startsWith("step ")).toList();
        assertEquals(1, errors.size(), ended.err());
        assertTrue(errors.get(0).startsWith("error: ") && errors.get(0).contains(part), ended.err());
        assertEquals("", ended.out());
    }

    private List<String> with(String model, Path data, String out) {
        return List.of("train", "--model", model, "--data", data.toString(), "--out", at(out));
    }

    private String at(String name) {
        return directory.resolve(name).toString();
    }

    private static Ended run(List<String> command, String options) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        List<String> arguments = new ArrayList<>(command);
        Arrays.stream(options.split(" ", -1))
                .filter(option -> !option.isEmpty())
                .forEach(arguments::add);
        int status = line.execute(arguments.toArray(String[]::new));
        return new Ended(status, out.toString(), err.toString());
    }

    private Path facts() throws IOException {
        String[] places = {"Iron", "Oak", "Elm", "Ash", "Fir", "Yew", "Box", "Bay", "Fig", "Ivy"};
        return write(
                "facts.jsonl",
                Arrays.stream(places)
                        .map(place -> "{'prompt':'Who runs " + place + "?','completion':' Mira of " + place + "'}")
                        .toArray(String[]::new));
    }

    private Path preferences() throws IOException {
        return write(
                "preferences.jsonl",
                Stream.of("a", "b", "c", "d")
                        .map(prompt -> "{'prompt':'" + prompt + "','chosen':' yes','rejected':' no " + prompt + "'}")
                        .toArray(String[]::new));
    }

    private Path write(String name, String... rows) throws IOException {
        return Files.writeString(
                directory.resolve(name), String.join("\n", rows).replace('\'', '"') + "\n");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    private boolean same(String first, String second) throws IOException {
        return Files.mismatch(
                        directory.resolve(first).resolve(WEIGHTS),
                        directory.resolve(second).resolve(WEIGHTS))
                == -1;
    }
}
