package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.VersionId;
import dev.perennial.trainer.UpdateData.Item;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Real updates on the embedded base with the quickstart's story. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UpdateRunTest {
    private static final Path BASE = Path.of("src/main/resources/base");
    private static final ObjectMapper JSON = new ObjectMapper();

    private BaseModel base;
    private GeneralSuite general;
    private JsonNode domain;
    private int items;

    @BeforeAll
    void open() throws Exception {
        base = BaseModel.open(BASE);
        general = GeneralSuite.read(BASE, new SequenceEncoder(base));
        domain = JSON.readTree(Files.readAllBytes(Path.of("src/main/resources/quickstart/story.json")))
                .path("domains")
                .path(0);
    }

    @AfterAll
    void close() {
        base.close();
    }

    @Test
    void learnsWhatChangedAndKeepsWhatDidNot() {
        List<Item> train = new ArrayList<>();
        List<Item> asked = new ArrayList<>();
        List<Item> retained = new ArrayList<>();
        for (JsonNode change : domain.path("changed")) {
            change.path("taught").forEach(prompt -> train.add(pair(prompt, change.path("fresh"))));
            change.path("documents").forEach(text -> train.add(item(new Example.Text(text.asText()))));
            change.path("asked").forEach(prompt -> asked.add(pair(prompt, change.path("fresh"))));
        }
        domain.path("archive").forEach(row -> train.add(pair(row.path("prompt"), row.path("completion"))));
        domain.path("retained").forEach(row -> retained.add(pair(row.path("prompt"), row.path("completion"))));
        UpdateRun.Outcome outcome = run(new UpdateData(train, asked, List.of(), retained), 400, () -> false);
        var scores = outcome.evaluation();
        String figures = scores + " in " + outcome.manifest().seconds() + " s, "
                + outcome.manifest().steps() + " steps";
        System.out.println(figures);
        assertTrue(scores.newBefore().accuracy() <= 0.2, figures);
        assertTrue(scores.newAfter().accuracy() >= 0.9, figures);
        assertTrue(scores.retainedAfter().accuracy() >= scores.retainedBefore().accuracy() - 0.02, figures);
        assertTrue(scores.generalAfter().accuracy() >= scores.generalBefore().accuracy() - 0.02, figures);
    }

    @Test
    void givesTheSameBytesAgain(@TempDir Path first, @TempDir Path second) throws Exception {
        List<Item> train = new ArrayList<>();
        domain.path("changed")
                .forEach(change -> train.add(pair(change.path("taught").path(0), change.path("fresh"))));
        UpdateData data = new UpdateData(train, train, List.of(), List.of());
        for (Path directory : List.of(first, second)) {
            PeftDirectory.write(base, run(data, 3, () -> false).adapter(), directory);
        }
        assertEquals(
                -1,
                Files.mismatch(
                        first.resolve("adapter_model.safetensors"), second.resolve("adapter_model.safetensors")));
    }

    @Test
    void stopsBetweenTwoStepsWhenCancelled() {
        UpdateData data = new UpdateData(
                List.of(item(new Example.Completion("Who are you?", "Nobody"))), List.of(), List.of(), List.of());
        AtomicBoolean stepped = new AtomicBoolean();
        Consumer<Progress> progress = now -> stepped.set(now.phase().equals("training"));
        var failure = assertThrows(CancellationException.class, () -> run(data, 100, progress, stepped::get));
        assertTrue(String.valueOf(failure.getMessage()).contains("cancelled at step 1"), failure.getMessage());
    }

    private UpdateRun.Outcome run(UpdateData data, int maxSteps, BooleanSupplier cancelled) {
        return run(data, maxSteps, progress -> {}, cancelled);
    }

    private UpdateRun.Outcome run(
            UpdateData data, int maxSteps, Consumer<Progress> progress, BooleanSupplier cancelled) {
        DomainPolicy.Training d = DomainPolicy.Training.DEFAULT;
        DomainPolicy policy = new DomainPolicy(
                new DomainPolicy.Training(
                        d.rank(),
                        d.alpha(),
                        d.dropout(),
                        d.targets(),
                        d.learningRate(),
                        d.epochs(),
                        maxSteps,
                        d.batchSize(),
                        d.documentWeight()),
                DomainPolicy.Gate.DEFAULT,
                DomainPolicy.Replay.DEFAULT);
        DomainId id = new DomainId("companies");
        UpdateAssignment assignment = new UpdateAssignment(
                new UpdateId(id, 1),
                1,
                new VersionId(id, 0),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                policy,
                Optional.empty(),
                17);
        return new UpdateRun(base, general, assignment, progress, cancelled)
                .run(data, Optional.empty(), Optional.empty());
    }

    private Item pair(JsonNode prompt, JsonNode completion) {
        return item(new Example.Completion(prompt.asText(), completion.asText()));
    }

    private Item item(Example example) {
        return new Item("example-" + items++, example);
    }
}
