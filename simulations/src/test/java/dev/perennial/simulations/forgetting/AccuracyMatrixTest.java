package dev.perennial.simulations.forgetting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Three tasks; every figure worked by hand. */
class AccuracyMatrixTest {
    private static final double EXACT = 1e-12;

    private final AccuracyMatrix matrix = new AccuracyMatrix(
            List.of(0.1, 0.2, 0.0), List.of(List.of(0.9, 0.3, 0.0), List.of(0.7, 0.8, 0.4), List.of(0.75, 0.6, 1.0)));

    @Test
    void averageAccuracyIsTheMeanOfTheLastRow() {
        assertEquals((0.75 + 0.6 + 1.0) / 3, matrix.averageAccuracy(), EXACT);
    }

    @Test
    void backwardTransferComparesTheEndWithWhenATaskWasLearned() {
        // (0.75 - 0.9 + 0.6 - 0.8) / 2
        assertEquals(-0.175, matrix.backwardTransfer(), EXACT);
    }

    @Test
    void forwardTransferComparesTheUpdateBeforeATaskWithTheBareBase() {
        // (0.3 - 0.2 + 0.4 - 0.0) / 2
        assertEquals(0.25, matrix.forwardTransfer(), EXACT);
    }

    @Test
    void forgettingComparesTheEndWithTheBestThatThereWas() {
        AccuracyMatrix recovered = new AccuracyMatrix(
                List.of(0.0, 0.0, 0.0),
                List.of(List.of(0.5, 0.0, 0.0), List.of(0.8, 0.6, 0.0), List.of(0.4, 0.7, 0.9)));
        // the first fell from 0.8, which it had reached after the second update; the second rose from 0.6
        assertEquals((0.8 - 0.4 + 0.6 - 0.7) / 2, recovered.forgetting(), EXACT);
    }

    @Test
    void whatWasLearnedIsTheMeanOfTheDiagonal() {
        assertEquals(0.9, matrix.learned(), EXACT);
    }

    @Test
    void oneTaskHasNothingToTransferOrForget() {
        AccuracyMatrix one = new AccuracyMatrix(List.of(0.0), List.of(List.of(0.5)));
        assertEquals(0.5, one.averageAccuracy(), EXACT);
        assertEquals(0, one.backwardTransfer(), EXACT);
        assertEquals(0, one.forwardTransfer(), EXACT);
        assertEquals(0, one.forgetting(), EXACT);
    }
}
