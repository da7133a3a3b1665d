package dev.perennial.learning.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LossWatchTest {
    @Test
    void aLossFarAboveItsBeginningForTwentyStepsHasRunAway() {
        LossWatch watch = new LossWatch().after(2);
        // The mean is 2 + 8 (1 - 0.9^n) after n such losses: above 6 from the 7th on.
        for (int n = 1; n <= 25; n++) {
            watch = watch.after(10);
            assertEquals(Math.max(0, n - 6), watch.above());
            assertFalse(watch.ranAway());
        }
        assertTrue(watch.after(10).ranAway());
    }

    @Test
    void aShortPeakIsForgiven() {
        LossWatch watch = new LossWatch().after(2);
        for (int n = 0; n < 200; n++) {
            watch = watch.after(n % 40 < 12 ? 10 : 2);
            assertFalse(watch.ranAway());
        }
    }

    @Test
    void threeTimesNextToNothingIsStillNextToNothing() {
        LossWatch watch = new LossWatch().after(0.01);
        for (int n = 0; n < 100; n++) {
            watch = watch.after(1.9);
        }
        assertEquals(0, watch.above());
    }

    @Test
    void threeTimesIsFarWhereALossBeginsHigh() {
        LossWatch watch = new LossWatch().after(8);
        for (int n = 0; n < 100; n++) {
            watch = watch.after(11);
        }
        assertEquals(0, watch.above());
    }
}
