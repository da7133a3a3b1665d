package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LearningRateTest {
    private static final double EXACT = 1e-12;

    @Test
    void warmsUpLinearlyOverATwentieth() {
        assertEquals(0.2, LearningRate.at(0, 100, 1), EXACT);
        assertEquals(1.0, LearningRate.at(4, 100, 1), EXACT);
    }

    @Test
    void fallsAlongACosine() {
        // Half-way through the 95 steps after warm-up: (52 - 5 + 0.5) / 95 = 0.5.
        assertEquals(0.5, LearningRate.at(52, 100, 1), EXACT);
        assertTrue(LearningRate.at(99, 100, 1) < 0.001);
    }

    @Test
    void aSingleStepHasThePeakRate() {
        assertEquals(1.0, LearningRate.at(0, 1, 1), EXACT);
    }
}
