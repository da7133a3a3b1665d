package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Weights and activations in bfloat16 with adapters in float32, as on a GPU, but on the processor, against the same in
 * float32: what a GPU runs, but for the way to it and its own forms of the operations.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrainFloatTest {
    /** A bfloat16 keeps 8 bits: of logits of up to about 10. */
    private static final double LOGITS = 0.25;

    private static final double LOSS = 0.05;
    private static final double COSINE = 0.99;

    private BaseModel exact;
    private BaseModel base;
    private Adapter exactAdapter;
    private Adapter adapter;
    private List<Sequence> batch;

    @BeforeAll
    void open() throws IOException {
        exact = BaseModel.open(References.UNTIED);
        base = BaseModel.open(References.UNTIED, Device.cpu(), DataType.BFLOAT16);
        exactAdapter = PeftDirectory.read(exact, References.ADAPTER);
        adapter = PeftDirectory.read(base, References.ADAPTER);
        batch = References.batch();
    }

    @AfterAll
    void close() {
        adapter.close();
        exactAdapter.close();
        base.close();
        exact.close();
    }

    /** F32 weights are narrowed, BF16 ones are taken as they are. */
    @ParameterizedTest
    @ValueSource(strings = {"untied", "tied"})
    void logitsAreNearThoseOfFloat32(String model) {
        Path directory = References.DIRECTORY.resolve(model);
        int[] row = batch.get(2).ids();
        try (BaseModel wide = BaseModel.open(directory);
                BaseModel narrow = BaseModel.open(directory, Device.cpu(), DataType.BFLOAT16);
                Adapter none = Adapter.none(wide);
                Adapter same = Adapter.none(narrow)) {
            assertEquals(2, narrow.bytesANumber());
            double off =
                    References.difference(References.logits(wide, none, row), References.logits(narrow, same, row));
            assertTrue(off > 0 && off <= LOGITS, "off by " + off);
        }
    }

    @Test
    void scoresAndWritesWithTheAdapter() {
        List<Scoring.Result> expected = Scoring.score(exact, exactAdapter, batch);
        List<Scoring.Result> scored = Scoring.score(base, adapter, batch);
        for (int i = 0; i < batch.size(); i++) {
            int tokens = expected.get(i).tokens();
            assertEquals(
                    expected.get(i).logProbability() / tokens, scored.get(i).logProbability() / tokens, LOSS);
        }
        int[] prompt = batch.get(2).ids();
        assertTrue(References.write(base, adapter, prompt, new Decoder.Settings(8, 0, 1, 0), 3).length > 0);
        assertTrue(References.write(base, adapter, prompt, new Decoder.Settings(8, 1, 0.9, 5), 3).length > 0);
    }

    @Test
    void embedsAndMeasuresWhatMatters() {
        List<float[]> expected = Embeddings.of(exact, exactAdapter, batch);
        List<float[]> embedded = Embeddings.of(base, adapter, batch);
        for (int i = 0; i < batch.size(); i++) {
            assertTrue(cosine(expected.get(i), embedded.get(i)) > COSINE);
        }
        List<float[]> fisher = List.copyOf(GradientSquares.mean(exact, exactAdapter, batch, () -> {})
                .values()
                .values());
        List<float[]> near = List.copyOf(
                GradientSquares.mean(base, adapter, batch, () -> {}).values().values());
        for (int i = 0; i < fisher.size(); i++) {
            assertTrue(cosine(fisher.get(i), near.get(i)) > COSINE);
        }
    }

    /** What is learned, replayed and anchored, and what is preferred. */
    @Test
    void gradientsOfEveryTermPointWhereThoseOfFloat32Do() {
        List<LossTerm> terms = List.of(
                new LossTerm.Likelihood(1, List.of(batch.get(0)), List.of(batch.get(1)), List.of(batch.get(2))),
                new LossTerm.Preferred(
                        0.5,
                        new Preference.Direct(0.1, 0),
                        List.of(batch.get(0), batch.get(1)),
                        List.of(new Preference.Judged(-20, true), new Preference.Judged(-18, false))));
        List<float[]> expected = gradients(exact, exactAdapter, terms);
        List<float[]> got = gradients(base, adapter, terms);
        assertEquals(expected.get(0)[0], got.get(0)[0], LOSS * expected.get(0)[0]);
        for (int i = 1; i < expected.size(); i++) {
            assertTrue(cosine(expected.get(i), got.get(i)) > COSINE, i + ": " + cosine(expected.get(i), got.get(i)));
        }
    }

    private static List<float[]> gradients(BaseModel base, Adapter start, List<LossTerm> terms) {
        try (LoraTraining training = new LoraTraining(
                base, start, start, new LoraTraining.Objective(1, 1.5, 0.5), 0, MemoryPlan.keepingNone(base))) {
            return training.gradients(terms);
        }
    }

    private static double cosine(float[] one, float[] other) {
        double product = 0;
        for (int i = 0; i < one.length; i++) {
            product += (double) one[i] * other[i];
        }
        return product / (References.norm(one) * References.norm(other));
    }

    @Test
    void trainingFollowsTheReferenceAndGoesOnFromACheckpoint(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("half.safetensors");
        List<Double> losses = new ArrayList<>();
        try (LoraTraining training = training()) {
            for (int step = 0; step < 6; step++) {
                if (step == 3) {
                    training.save(file, Map.of());
                }
                losses.add(training.step(batch, List.of(), 1e-2, 0.01).loss());
                double expected = References.values().path("losses").get(step).asDouble();
                assertEquals(expected, losses.get(step), LOSS);
            }
        }
        try (LoraTraining resumed = training()) {
            resumed.restore(file);
            for (int step = 3; step < 6; step++) {
                assertEquals(
                        losses.get(step),
                        resumed.step(batch, List.of(), 1e-2, 0.01).loss());
            }
            try (Adapter trained = resumed.finish()) {
                assertEquals(DataType.FLOAT32, trained.trainable().get(0).getDataType());
            }
        }
    }

    private LoraTraining training() {
        return new LoraTraining(base, adapter, adapter, LoraTraining.Objective.PLAIN, 0, MemoryPlan.keepingNone(base));
    }
}
