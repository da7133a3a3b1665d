package dev.perennial.learning.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class HerdingTest {
    /**
     * At length 1 the points are (1, 0), (0, 1), (0.6, 0.8); their mean is (0.533, 0.6). The first is the third, 0.211 away,
     * against 0.761 and 0.667. Twice the mean less the third is (0.467, 0.4): (1, 0) is 0.667 away, (0, 1) 0.761.
     */
    @Test
    void theFirstOnesHaveNearlyTheMeanOfAll() {
        List<float[]> points = List.of(new float[] {2, 0}, new float[] {0, 0.5f}, new float[] {3, 4});
        assertEquals(List.of(2, 0, 1), Herding.order(points, 10));
        assertEquals(List.of(2, 0), Herding.order(points, 2));
    }

    @Test
    void ofEqualsTheFirstIsChosen() {
        List<float[]> points = List.of(new float[] {1, 1}, new float[] {1, 1}, new float[] {1, 1});
        assertEquals(List.of(0, 1, 2), Herding.order(points, 3));
    }

    /** The mean is (0.667, 0), and twice it less (1, 0) is 0.333 from the origin and 0.667 from the other. */
    @Test
    void whatHasNoLengthLiesAtTheOrigin() {
        List<float[]> points = List.of(new float[] {0, 0}, new float[] {1, 0}, new float[] {1, 0});
        assertEquals(List.of(1, 0, 2), Herding.order(points, 3));
    }

    @Test
    void nothingIsChosenOfNothing() {
        assertEquals(List.of(), Herding.order(List.of(), 3));
        assertEquals(List.of(), Herding.order(List.of(new float[] {1}), 0));
    }
}
