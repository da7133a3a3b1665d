package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Progress;
import dev.perennial.trainer.UpdateData.Item;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Real updates on the embedded base with the quickstart's story. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UpdateRunTest {
    private Companies companies;

    @BeforeAll
    void open() throws Exception {
        companies = Companies.open();
    }

    @AfterAll
    void close() {
        companies.close();
    }

    @Test
    void learnsWhatChangedAndKeepsWhatDidNot() {
        List<Item> train = new ArrayList<>();
        List<Item> asked = new ArrayList<>();
        List<Item> retained = new ArrayList<>();
        for (JsonNode change : companies.story.path("changed")) {
            change.path("taught").forEach(prompt -> train.add(companies.pair(prompt, change.path("fresh"))));
            change.path("documents").forEach(text -> train.add(companies.item(new Example.Text(text.asText()))));
            change.path("asked").forEach(prompt -> asked.add(companies.pair(prompt, change.path("fresh"))));
        }
        companies
                .story
                .path("archive")
                .forEach(row -> train.add(companies.pair(row.path("prompt"), row.path("completion"))));
        companies
                .story
                .path("retained")
                .forEach(row -> retained.add(companies.pair(row.path("prompt"), row.path("completion"))));
        UpdateRun.Outcome outcome =
                companies.run(new UpdateData(train, asked, List.of(), retained), Companies.policy(400));
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
        companies
                .story
                .path("changed")
                .forEach(
                        change -> train.add(companies.pair(change.path("taught").path(0), change.path("fresh"))));
        UpdateData data = new UpdateData(train, train, List.of(), List.of());
        for (Path directory : List.of(first, second)) {
            PeftDirectory.write(
                    companies.base, companies.run(data, Companies.policy(3)).adapter(), directory);
        }
        assertEquals(
                -1,
                Files.mismatch(
                        first.resolve("adapter_model.safetensors"), second.resolve("adapter_model.safetensors")));
    }

    @Test
    void stopsBetweenTwoStepsWhenCancelled() {
        UpdateData data = new UpdateData(
                List.of(companies.item(new Example.Completion("Who are you?", "Nobody"))),
                List.of(),
                List.of(),
                List.of());
        AtomicBoolean stepped = new AtomicBoolean();
        Consumer<Progress> progress = now -> stepped.set(now.phase().equals("training"));
        var failure = assertThrows(
                CancellationException.class, () -> companies.run(data, Companies.policy(100), progress, stepped::get));
        assertTrue(String.valueOf(failure.getMessage()).contains("cancelled at step 1"), failure.getMessage());
    }
}
