package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** One seed gives one result, whatever else runs; and a row never feels its neighbours in a batch. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LoraDeterminismTest {
    private static final LoraSettings SETTINGS = new LoraSettings(4, 8, 0.1, List.of("all-linear"));
    private static final int STEPS = 8;
    /** Kernels take another path for another batch size, and sum in another order. */
    private static final double SCORE = 1e-5;

    private BaseModel base;
    private List<Sequence> batch;

    @BeforeAll
    void open() throws IOException {
        TorchEngine.load(1);
        base = BaseModel.open(References.UNTIED);
        batch = References.batch();
    }

    @AfterAll
    void close() {
        base.close();
    }

    @Test
    void trainsToTheSameBitsAgain() {
        assertSame(trained(7), trained(7));
    }

    @Test
    void trainsToTheSameBitsBesideAnotherTraining() throws Exception {
        List<float[]> seven = trained(7);
        List<float[]> eight = trained(8);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<List<float[]>>> runs = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int seed = 7 + i % 2;
                runs.add(threads.submit(() -> trained(seed)));
            }
            for (int i = 0; i < runs.size(); i++) {
                assertSame(i % 2 == 0 ? seven : eight, runs.get(i).get(1, TimeUnit.MINUTES));
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void anotherSeedDropsOthers() {
        List<float[]> seven = trained(7);
        List<float[]> eight = trained(8);
        assertFalse(Arrays.equals(seven.get(1), eight.get(1)));
    }

    @Test
    void gradientsUnderHeavyDropoutDependOnTheSeed() {
        // With B zero only B has gradients; dropping other inputs must change them.
        LoraSettings heavy = new LoraSettings(4, 8, 0.9, List.of("q_proj"));
        try (Adapter fresh = Adapter.fresh(base, heavy, 1);
                Adapter none = Adapter.none(base);
                LoraTraining one = new LoraTraining(base, fresh, none, LoraTraining.Objective.PLAIN, 1);
                LoraTraining two = new LoraTraining(base, fresh, none, LoraTraining.Objective.PLAIN, 2)) {
            assertFalse(Arrays.equals(
                    one.gradients(batch, List.of()).get(2),
                    two.gradients(batch, List.of()).get(2)));
        }
    }

    @Test
    void padsWithoutTouchingAnyScore() {
        try (Adapter none = Adapter.none(base)) {
            List<Scoring.Result> together = Scoring.score(base, none, batch);
            double largest = 0;
            for (int i = 0; i < batch.size(); i++) {
                Scoring.Result alone =
                        Scoring.score(base, none, List.of(batch.get(i))).get(0);
                assertEquals(alone.tokens(), together.get(i).tokens());
                assertEquals(alone.right(), together.get(i).right());
                double off = Math.abs(alone.logProbability() - together.get(i).logProbability());
                largest = Math.max(largest, off / alone.tokens());
            }
            System.out.printf("scores: off by at most %.2e a token, allowed %.0e%n", largest, SCORE);
            assertTrue(largest <= SCORE, "off by " + largest);
        }
    }

    @Test
    void scoresNothingForNoSequences() {
        try (Adapter none = Adapter.none(base)) {
            assertEquals(List.of(), Scoring.score(base, none, List.of()));
        }
    }

    private List<float[]> trained(long seed) {
        try (Adapter fresh = Adapter.fresh(base, SETTINGS, 5);
                Adapter none = Adapter.none(base);
                LoraTraining training = new LoraTraining(base, fresh, none, LoraTraining.Objective.PLAIN, seed)) {
            for (int i = 0; i < STEPS; i++) {
                training.step(batch, List.of(), 1e-2, 0.01);
            }
            try (Adapter trained = training.finish()) {
                return trained.tensors().stream()
                        .map(tensor -> tensor.toFloatArray())
                        .toList();
            }
        }
    }

    private static void assertSame(List<float[]> expected, List<float[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i));
        }
    }
}
