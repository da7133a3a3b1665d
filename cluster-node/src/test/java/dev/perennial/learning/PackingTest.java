package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.LoraTraining.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Sequences side by side in a step, or apart in micro-batches, or computed twice to save memory: always the same step. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PackingTest {
    /** Of the gradient's norm, and of the loss. */
    private static final double SAME = 1e-6;

    private static final long PLENTY = 1L << 30;
    private static final int ALL_AT_ONCE = 1 << 14;

    private BaseModel base;
    private Adapter start;
    /** Of many lengths, so that they lie in several groups and with padding. */
    private List<Sequence> sequences;

    @BeforeAll
    void open() throws IOException {
        base = BaseModel.open(References.UNTIED);
        start = PeftDirectory.read(base, References.ADAPTER);
        sequences = random(24);
    }

    @AfterAll
    void close() {
        start.close();
        base.close();
    }

    @Test
    void aPackedBatchIsTheWeightedSumOfItsSequencesAlone() {
        List<float[]> packed = gradients(plan(PLENTY, ALL_AT_ONCE), sequences);
        double learned = sequences.stream().mapToInt(Sequence::learned).sum();
        double[][] sum = new double[packed.size()][];
        for (Sequence sequence : sequences) {
            List<float[]> alone = gradients(plan(PLENTY, ALL_AT_ONCE), List.of(sequence));
            for (int i = 0; i < sum.length; i++) {
                sum[i] = sum[i] == null ? new double[alone.get(i).length] : sum[i];
                for (int j = 0; j < sum[i].length; j++) {
                    sum[i][j] += alone.get(i)[j] * sequence.learned() / learned;
                }
            }
        }
        double largest = 0;
        for (int i = 0; i < sum.length; i++) {
            float[] expected = new float[sum[i].length];
            for (int j = 0; j < expected.length; j++) {
                expected[j] = (float) sum[i][j];
            }
            largest = Math.max(largest, References.difference(expected, packed.get(i)) / References.norm(expected));
        }
        System.out.printf("packed: off by %.2e, allowed %.0e%n", largest, SAME);
        assertTrue(largest <= SAME, "off by " + largest);
    }

    @Test
    void microBatchesAddUpToTheWholeBatch() {
        List<float[]> whole = gradients(plan(PLENTY, ALL_AT_ONCE), sequences);
        for (int microTokens : new int[] {1, 100, 300}) {
            MemoryPlan plan = plan(PLENTY, microTokens);
            assertTrue(plan.split(sequences, 1).size() > 1);
            List<float[]> parts = gradients(plan, sequences);
            for (int i = 0; i < whole.size(); i++) {
                double off = References.difference(whole.get(i), parts.get(i)) / References.norm(whole.get(i));
                assertTrue(off <= SAME, microTokens + " tokens at once: off by " + off);
            }
        }
    }

    @Test
    void layersThatAreComputedAgainGiveTheSameBits() {
        // so many tokens that the smallest budget keeps no layer
        List<Sequence> many = random(60);
        int tokens = Batch.of(many, 0).size();
        MemoryPlan none = plan(1 << 20, ALL_AT_ONCE);
        long budget = 1 << 20;
        while (plan(budget, ALL_AT_ONCE).keptLayers(tokens) < 1) {
            budget += 1 << 16;
        }
        MemoryPlan some = plan(budget, ALL_AT_ONCE);
        MemoryPlan all = plan(PLENTY, ALL_AT_ONCE);
        assertEquals(0, none.keptLayers(tokens));
        assertEquals(1, some.keptLayers(tokens));
        assertEquals(base.shape().layers(), all.keptLayers(tokens));
        List<float[]> expected = gradients(all, many);
        for (MemoryPlan plan : List.of(some, none)) {
            List<float[]> actual = gradients(plan, many);
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(expected.get(i), actual.get(i));
            }
        }
    }

    private MemoryPlan plan(long budget, int microTokens) {
        return new MemoryPlan(base.shape(), base.bytesANumber(), budget, microTokens);
    }

    private List<float[]> gradients(MemoryPlan plan, List<Sequence> batch) {
        try (Adapter none = Adapter.none(base);
                LoraTraining training = new LoraTraining(base, start, none, Objective.PLAIN, 0, plan)) {
            return training.gradients(batch, List.of());
        }
    }

    private List<Sequence> random(int count) {
        SplittableRandom random = new SplittableRandom(3);
        List<Sequence> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] ids = new int[2 + random.nextInt(base.shape().context() - 2)];
            for (int t = 0; t < ids.length; t++) {
                ids[t] = random.nextInt(3, base.shape().vocabulary());
            }
            all.add(new Sequence(ids, 1 + random.nextInt(ids.length - 1), true));
        }
        return all;
    }
}
