package dev.perennial.learning.tuning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.dataset.EncodedData.Judgement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The KL estimate as TRL makes it; see {@code preferences.py}. */
class KahnemanTverskyTest {
    private static final Path REFERENCE = Path.of("src/test/resources/reference");
    private static final double NATS = 1e-4;
    private static final double LOSS_RELATIVE = 1e-5;

    @Test
    void pairsPromptsWithTheAnswersBeforeThemAndTakesTheMeanOfTheLogRatios() throws IOException {
        JsonNode settings = values().path("kto").path("willing");
        try (BaseModel base = base();
                Adapter parent = Adapter.none(base);
                Adapter willing = PeftDirectory.read(base, REFERENCE.resolve("preferences/willing"))) {
            KahnemanTversky preference = new KahnemanTversky(base, 0.1, 1.5, 1);
            List<Judgement> rows = rows(settings);
            List<KahnemanTversky.Item> items = preference.items(parent, rows, progress -> {});
            for (int i = 0; i < items.size(); i++) {
                JsonNode expected = settings.path("mismatched").path(i);
                assertArrayEquals(ids(expected), items.get(i).mismatched().ids());
                assertEquals(
                        expected.path("reference_logps").asDouble(),
                        items.get(i).mismatchedReference(),
                        NATS);
            }
            assertEquals(settings.path("kl").asDouble(), preference.point(willing, items), NATS);
            double loss = settings.path("loss").asDouble();
            assertEquals(loss, preference.heldOut(items).applyAsDouble(willing), loss * LOSS_RELATIVE);
        }
    }

    @Test
    void theEstimateIsNeverBelowZero() throws IOException {
        JsonNode settings = values().path("kto").path("random");
        try (BaseModel base = base();
                Adapter parent = Adapter.none(base);
                Adapter random = PeftDirectory.read(base, REFERENCE.resolve("architectures/llama3/adapter"))) {
            KahnemanTversky preference = new KahnemanTversky(base, 0.1, 1.5, 1);
            double sum = 0;
            for (JsonNode row : settings.path("mismatched")) {
                sum += row.path("logps").asDouble()
                        - row.path("reference_logps").asDouble();
            }
            assertTrue(sum < 0, "the mean log-ratio must be below zero to show it; it is " + sum);
            assertEquals(0, preference.point(random, preference.items(parent, rows(settings), progress -> {})));
        }
    }

    @Test
    void answersToTheSamePromptArePassedOver() {
        List<Sequence> sequences = List.of(answer(1, 5), answer(2, 6), answer(2, 7));
        List<Sequence> mismatched = Mismatched.of(sequences, sequences.size(), 10);
        assertArrayEquals(new int[] {1, 1, 7}, mismatched.get(0).ids());
        assertArrayEquals(new int[] {2, 2, 5}, mismatched.get(1).ids());
        assertArrayEquals(new int[] {2, 2, 5}, mismatched.get(2).ids());
        assertEquals(2, mismatched.get(2).learnedFrom());
    }

    @Test
    void aMismatchIsCutToTheLongestThatIsAllowed() {
        List<Sequence> mismatched = Mismatched.of(
                List.of(new Sequence(new int[] {1, 1, 1, 9}, 3, true), new Sequence(new int[] {2, 5, 6, 7}, 1, true)),
                2,
                4);
        assertArrayEquals(new int[] {1, 1, 1, 5}, mismatched.get(0).ids());
        assertArrayEquals(new int[] {2, 9}, mismatched.get(1).ids());
    }

    @Test
    void oneRowHasNothingToBeMismatchedWith() {
        try (BaseModel base = base();
                Adapter parent = Adapter.none(base)) {
            var refused = assertThrows(
                    LearningException.class,
                    () -> new KahnemanTversky(base, 0.1, 1, 1)
                            .items(parent, List.of(new Judgement(answer(1, 2), true)), progress -> {}));
            assertTrue(String.valueOf(refused.getMessage()).contains("at least 2 rows"), refused.getMessage());
        }
    }

    private static Sequence answer(int prompt, int answer) {
        return new Sequence(new int[] {prompt, prompt, answer}, 2, true);
    }

    private static BaseModel base() {
        return BaseModel.open(REFERENCE.resolve("architectures/llama3"));
    }

    private static JsonNode values() throws IOException {
        return new ObjectMapper().readTree(Files.readAllBytes(REFERENCE.resolve("preferences/values.json")));
    }

    private static List<Judgement> rows(JsonNode settings) {
        List<Judgement> rows = new ArrayList<>();
        for (JsonNode row : settings.path("rows")) {
            rows.add(new Judgement(
                    new Sequence(ids(row), row.path("prompt").size(), true),
                    row.path("label").asBoolean()));
        }
        return rows;
    }

    private static int[] ids(JsonNode row) {
        List<Integer> ids = new ArrayList<>();
        row.path("prompt").forEach(id -> ids.add(id.asInt()));
        row.path("completion").forEach(id -> ids.add(id.asInt()));
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
