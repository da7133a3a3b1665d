package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.perennial.learning.LoraTraining.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the objective says, worked again from the logits, and its gradients against central differences. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LoraObjectiveTest {
    private static final Objective WEIGHTED = new Objective(0.25, 1.5, 1.5);
    /** Of the loss worked from float32 logits. */
    private static final double LOSS = 1e-5;
    /** A float32 loss of about 7 is rounded to 5e-7; over 2 * STEP that leaves 1e-4, and the third derivative as much. */
    private static final float STEP = 4e-3f;

    private static final double GRADIENT = 2e-3;

    private BaseModel base;
    private Adapter start;
    private Adapter reference;
    private List<Sequence> fresh;
    private List<Sequence> replayed;

    @BeforeAll
    void open() throws IOException {
        base = BaseModel.open(References.UNTIED);
        start = PeftDirectory.read(base, References.ADAPTER);
        reference = PeftDirectory.read(base, References.DIRECTORY.resolve("trained"));
        List<Sequence> batch = References.batch();
        fresh = List.of(batch.get(0), new Sequence(batch.get(1).ids(), 1, false));
        replayed = List.of(batch.get(2));
    }

    @AfterAll
    void close() {
        reference.close();
        start.close();
        base.close();
    }

    @Test
    void plainLossIsTheMeanOverLearnedTokens() {
        double sum = 0;
        int tokens = 0;
        for (Sequence sequence : List.of(fresh.get(0), fresh.get(1), replayed.get(0))) {
            sum += crossEntropy(start, sequence);
            tokens += sequence.learned();
        }
        assertEquals(sum / tokens, loss(Objective.PLAIN, start), LOSS);
    }

    @Test
    void aDocumentsTokensWeighLessThanAnAnswers() {
        double share = 0.25;
        double expected = (crossEntropy(start, fresh.get(0))
                        + share * crossEntropy(start, fresh.get(1))
                        + crossEntropy(start, replayed.get(0)))
                / (fresh.get(0).learned()
                        + share * fresh.get(1).learned()
                        + replayed.get(0).learned());
        assertEquals(expected, loss(new Objective(share, 0, 0), start), LOSS);
    }

    @Test
    void distillationAddsTheDivergenceFromTheReferenceOnReplayedTokens() {
        double plain = loss(Objective.PLAIN, start);
        Sequence sequence = replayed.get(0);
        double divergence = divergence(reference, sequence) / sequence.learned();
        assertEquals(plain + 1.5 * divergence, loss(new Objective(1, 1.5, 0.5), start), LOSS);
    }

    @Test
    void whatIsAnchoredIsHeldToTheBareBaseAlsoInPieces() {
        Sequence learned = fresh.get(0);
        Sequence earlier = fresh.get(1);
        Sequence general = replayed.get(0);
        LossTerm term =
                new LossTerm.Likelihood(1, List.of(learned), List.of(earlier, learned), List.of(general, earlier));
        try (Adapter bare = Adapter.none(base)) {
            double divergence = (1.5 * (divergence(reference, earlier) + divergence(reference, learned))
                            + 0.5 * (divergence(bare, general) + divergence(bare, earlier)))
                    / (2 * earlier.learned() + learned.learned() + general.learned());
            double likelihood =
                    (2 * crossEntropy(start, learned) + 2 * crossEntropy(start, earlier) + crossEntropy(start, general))
                            / (2 * learned.learned() + 2 * earlier.learned() + general.learned());
            for (int tokens : new int[] {1 << 14, 1, learned.ids().length + earlier.ids().length}) {
                MemoryPlan plan = new MemoryPlan(base.shape(), base.bytesANumber(), 1L << 30, tokens);
                try (LoraTraining training =
                        new LoraTraining(base, start, reference, new Objective(1, 1.5, 0.5), 0, plan)) {
                    assertEquals(
                            likelihood + divergence,
                            training.gradients(List.of(term)).get(0)[0],
                            LOSS,
                            tokens + " tokens at once");
                }
            }
        }
    }

    /**
     * By hand, for a vocabulary of two whose head is (0, ln 3): a state of 1 gives (1/4, 3/4), one of 0 gives (1/2, 1/2).
     * KL((1/2, 1/2) || (1/4, 3/4)) = ln(2)/2 + ln(2/3)/2 = ln(4/3)/2, and its slope by the state is (3/4 - 1/2) ln 3.
     */
    @Test
    void divergenceOfTwoAnswers() {
        try (NDManager scope = base.scope()) {
            NDList results = base.script()
                    .infer(
                            "head_back",
                            new NDList(
                                    scope.create(new float[] {1}, new Shape(1, 1)),
                                    scope.create(new long[] {0}),
                                    scope.create(new float[] {0}),
                                    scope.create(new float[] {0, (float) Math.log(3)}, new Shape(2, 1)),
                                    scope.create(new float[] {0}, new Shape(1, 1)),
                                    scope.create(new float[] {2})));
            assertEquals(Math.log(0.25), results.get(0).getFloat(0), 1e-6);
            assertEquals(Math.log(4 / 3.0), results.get(1).getFloat(), 1e-6);
            assertEquals(0.5 * Math.log(3), results.get(2).getFloat(0), 1e-6);
        }
    }

    /** Summed over the learned tokens. */
    private double divergence(Adapter teacher, Sequence sequence) {
        double divergence = 0;
        double[][] candidate = logProbabilities(start, sequence);
        double[][] taught = logProbabilities(teacher, sequence);
        for (int t = 0; t < candidate.length; t++) {
            for (int v = 0; v < candidate[t].length; v++) {
                divergence += Math.exp(taught[t][v]) * (taught[t][v] - candidate[t][v]);
            }
        }
        return divergence;
    }

    @Test
    void distillationFromItselfAddsNothing() {
        try (LoraTraining training = new LoraTraining(base, start, start, new Objective(1, 2, 2), 0)) {
            assertEquals(
                    loss(Objective.PLAIN, start),
                    training.gradients(fresh, replayed).get(0)[0],
                    LOSS);
        }
    }

    @Test
    void distillationOutlivesTheReferenceThatItCopied() {
        Adapter gone = PeftDirectory.read(base, References.DIRECTORY.resolve("trained"));
        try (LoraTraining training = new LoraTraining(base, start, gone, WEIGHTED, 0)) {
            gone.close();
            assertEquals(
                    loss(WEIGHTED, start), training.gradients(fresh, replayed).get(0)[0]);
        }
    }

    @Test
    void gradientsOfThePlainLossAreItsSlopes() {
        compareWithSlopes(Objective.PLAIN);
    }

    @Test
    void gradientsOfTheWeightedAndDistilledLossAreItsSlopes() {
        compareWithSlopes(WEIGHTED);
    }

    /** The entry of largest gradient of every tensor, and the first one. */
    private void compareWithSlopes(Objective objective) {
        List<float[]> results = gradients(objective, start);
        double largest = 0;
        for (int i = 0; i < results.size() - 1; i++) {
            float[] gradient = results.get(i + 1);
            int steepest = 0;
            for (int j = 0; j < gradient.length; j++) {
                steepest = Math.abs(gradient[j]) > Math.abs(gradient[steepest]) ? j : steepest;
            }
            for (int entry : new int[] {0, steepest}) {
                double slope = (moved(objective, i, entry, STEP) - moved(objective, i, entry, -STEP)) / (2.0 * STEP);
                largest = Math.max(largest, Math.abs(slope - gradient[entry]));
            }
        }
        System.out.printf("%s: gradients off by at most %.2e, allowed %.0e%n", objective, largest, GRADIENT);
        assertTrue(largest <= GRADIENT, "off by " + largest);
    }

    private double moved(Objective objective, int tensor, int entry, float by) {
        try (Adapter moved = start.copy(base)) {
            NDArray array = moved.trainable().get(tensor);
            float[] values = array.toFloatArray();
            values[entry] += by;
            array.set(values);
            return loss(objective, moved);
        }
    }

    private double loss(Objective objective, Adapter at) {
        return gradients(objective, at).get(0)[0];
    }

    private List<float[]> gradients(Objective objective, Adapter at) {
        try (LoraTraining training = new LoraTraining(base, at, reference, objective, 0)) {
            return training.gradients(fresh, replayed);
        }
    }

    private double crossEntropy(Adapter adapter, Sequence sequence) {
        double[][] logs = logProbabilities(adapter, sequence);
        double sum = 0;
        for (int t = 0; t < logs.length; t++) {
            sum -= logs[t][sequence.ids()[sequence.learnedFrom() + t]];
        }
        return sum;
    }

    /** [learned][V], in double precision from the logits. */
    private double[][] logProbabilities(Adapter adapter, Sequence sequence) {
        float[] logits = References.logits(base, adapter, sequence.ids());
        int vocabulary = base.shape().vocabulary();
        List<double[]> rows = new ArrayList<>();
        for (int t = sequence.learnedFrom() - 1; t < sequence.ids().length - 1; t++) {
            double sum = 0;
            for (int v = 0; v < vocabulary; v++) {
                sum += Math.exp(logits[t * vocabulary + v]);
            }
            double[] row = new double[vocabulary];
            for (int v = 0; v < vocabulary; v++) {
                row[v] = logits[t * vocabulary + v] - Math.log(sum);
            }
            rows.add(row);
        }
        return rows.toArray(double[][]::new);
    }
}
