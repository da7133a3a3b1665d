package dev.perennial.learning.continual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.ParameterValues;
import dev.perennial.learning.PenaltyProbe;
import dev.perennial.learning.Sequence;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Fisher information and penalties in numbers that are worked by hand, on an adapter of rank 2. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PenaltiesTest {
    private static final double EXACT = 1e-6;
    private static final LoraSettings SETTINGS = new LoraSettings(2, 2, 0, List.of("q_proj"));

    private BaseModel base;

    @BeforeAll
    void open() {
        base = BaseModel.open(Path.of("src/test/resources/reference/untied"));
    }

    @AfterAll
    void close() {
        base.close();
    }

    /** A change by 0.1 in each of n parameters of importance 3 costs 20 / 2 * 3 * 0.1² = 0.3 each, at a slope of 6. */
    @Test
    void elasticPenaltyIsHalfLambdaTimesImportanceTimesTheSquaredChange() {
        try (Adapter anchor = constant(0.5f);
                Adapter moved = constant(0.6f);
                ElasticPenalty penalty = new ElasticPenalty(base, anchor, constantFisher(anchor, 3), 20)) {
            PenaltyProbe.Result result = PenaltyProbe.of(base, moved, penalty);
            long parameters = ParameterValues.of(base, moved).count();
            assertEquals(0.3 * parameters, result.value(), 1e-4 * parameters);
            result.gradients().forEach(gradient -> {
                for (float each : gradient) {
                    assertEquals(6, each, 1e-4);
                }
            });
        }
    }

    @Test
    void elasticPenaltyCostsNothingAtItsAnchor() {
        try (Adapter anchor = constant(0.5f);
                ElasticPenalty penalty = new ElasticPenalty(base, anchor, constantFisher(anchor, 3), 20)) {
            assertEquals(0, PenaltyProbe.of(base, anchor, penalty).value());
        }
    }

    @Test
    void elasticPenaltyTakesNoFisherOfAnotherShape() {
        LoraSettings wider = new LoraSettings(3, 3, 0, List.of("q_proj"));
        try (Adapter anchor = constant(0.5f);
                Adapter other = Adapter.fresh(base, wider, 1)) {
            Fisher fisher = constantFisher(other, 1);
            assertThrows(LearningException.class, () -> new ElasticPenalty(base, anchor, fisher, 1));
        }
    }

    /**
     * Of A's two rows, one is held. In the first two inputs it is (1, 2), the new one (3, 4), and 0 elsewhere: their product
     * is 11, the penalty 0.5 * 121 a layer, and the new row's gradient 2 * 0.5 * 11 * (1, 2).
     */
    @Test
    void orthogonalPenaltyIsTheSquaredOverlapOfHeldAndNewRows() {
        try (Adapter stacked = Adapter.build(base, SETTINGS, (place, rows, columns) -> {
                    float[] values = new float[rows * columns];
                    if (place.down()) {
                        values[0] = 1;
                        values[1] = 2;
                        values[columns] = 3;
                        values[columns + 1] = 4;
                    }
                    return values;
                });
                OrthogonalPenalty penalty = new OrthogonalPenalty(held(), 0.5)) {
            PenaltyProbe.Result result = PenaltyProbe.of(base, stacked, penalty);
            assertEquals(0.5 * 121 * base.shape().layers(), result.value(), EXACT);
            float[] gradient = result.gradients().get(0);
            float[] expected = new float[gradient.length];
            expected[gradient.length / 2] = 11;
            expected[gradient.length / 2 + 1] = 22;
            assertArrayEquals(expected, gradient, 1e-4f);
            assertArrayEquals(
                    new float[result.gradients().get(1).length],
                    result.gradients().get(1));
        }
    }

    @Test
    void orthogonalRowsCostNothing() {
        try (Adapter stacked = Adapter.build(base, SETTINGS, (place, rows, columns) -> {
                    float[] values = new float[rows * columns];
                    if (place.down()) {
                        values[0] = 5;
                        values[columns + 1] = 7;
                    }
                    return values;
                });
                OrthogonalPenalty penalty = new OrthogonalPenalty(held(), 0.5)) {
            assertEquals(0, PenaltyProbe.of(base, stacked, penalty).value());
        }
    }

    /** 0.9 * 2 + 4, and both at mean 1 before. */
    @Test
    void anEarlierFisherFades() {
        try (Adapter adapter = constant(0)) {
            Fisher later = constantFisher(adapter, 2).then(constantFisher(adapter, 4), 0.9);
            later.values().values().forEach((name, values) -> {
                for (float value : values) {
                    assertEquals(5.8, value, EXACT);
                }
            });
        }
    }

    /** Half of the values 1, half 3: the mean is 2. */
    @Test
    void aFisherIsDividedByItsMean() {
        try (Adapter adapter = constant(0)) {
            boolean[] odd = {false};
            Fisher fisher = new Fisher(ParameterValues.of(base, adapter).map(old -> {
                odd[0] = !odd[0];
                return odd[0] ? 1 : 3;
            }));
            fisher.normalised().values().values().forEach((name, values) -> {
                assertEquals(0.5, values[0], EXACT);
                assertEquals(1.5, values[1], EXACT);
            });
        }
    }

    /** (g₁² + g₂²) / 2 of two examples' gradients, which is not ((g₁ + g₂) / 2)², over their mean. */
    @Test
    void aFisherIsTheMeanOfTheSquaredGradientsOfSingleExamples() {
        Sequence one = new Sequence(new int[] {1, 40, 77, 130, 2}, 4, true);
        Sequence other = new Sequence(new int[] {1, 90, 12, 2}, 3, true);
        try (Adapter adapter = constant(0.3f)) {
            List<float[]> ofOne = PenaltyProbe.gradients(base, adapter, one);
            List<float[]> ofOther = PenaltyProbe.gradients(base, adapter, other);
            List<float[]> fisher = List.copyOf(Fisher.estimate(base, adapter, List.of(one, other), () -> {})
                    .values()
                    .values()
                    .values());
            double mean = 0;
            long count = 0;
            for (int tensor = 0; tensor < fisher.size(); tensor++) {
                for (int i = 0; i < fisher.get(tensor).length; i++) {
                    mean += square(ofOne, tensor, i) / 2 + square(ofOther, tensor, i) / 2;
                    count++;
                }
            }
            mean /= count;
            for (int tensor = 0; tensor < fisher.size(); tensor++) {
                for (int i = 0; i < fisher.get(tensor).length; i++) {
                    double expected = (square(ofOne, tensor, i) + square(ofOther, tensor, i)) / 2 / mean;
                    assertEquals(expected, fisher.get(tensor)[i], 1e-4 * Math.max(1, expected));
                }
            }
        }
    }

    private static double square(List<float[]> gradients, int tensor, int i) {
        return (double) gradients.get(tensor)[i] * gradients.get(tensor)[i];
    }

    @Test
    void aFisherHasTheMeanOne() {
        try (Adapter adapter = constant(0.3f)) {
            Sequence sequence = new Sequence(new int[] {1, 40, 77, 130, 2}, 2, true);
            Fisher fisher = Fisher.estimate(base, adapter, List.of(sequence), () -> {});
            assertEquals(1, fisher.values().mean(), 1e-5);
        }
    }

    /** Nothing learned tells parameters apart: B is zero, so that A has no gradient, and without data there is none at all. */
    @Test
    void aFisherOfNothingIsRefused() {
        try (Adapter adapter = constant(0)) {
            assertThrows(LearningException.class, () -> Fisher.estimate(base, adapter, List.of(), () -> {}));
            assertEquals(1, constantFisher(adapter, 0).normalised().values().mean());
        }
    }

    private Adapter constant(float value) {
        return Adapter.build(base, SETTINGS, (place, rows, columns) -> {
            float[] values = new float[rows * columns];
            java.util.Arrays.fill(values, value);
            return values;
        });
    }

    private Fisher constantFisher(Adapter adapter, double value) {
        return new Fisher(ParameterValues.of(base, adapter).map(old -> value));
    }

    /** One held rank of every query projection. */
    private List<Integer> held() {
        return Adapter.places(base.shape()).stream()
                .filter(Adapter.Place::down)
                .map(place -> place.projection() == 0 ? 1 : 0)
                .toList();
    }
}
