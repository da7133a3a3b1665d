package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class AdapterInspectionTest {
    @Test
    void theNormIsThatOfTheProduct() {
        // B A = [1; 2] [3 4] = [3 4; 6 8], squares add up to 125
        assertEquals(Math.sqrt(125), norm(new float[] {3, 4}, new float[] {1, 2}, 1), 1e-9);
        // [1 1; 0 2] [1 0; 0 1] = [1 1; 0 2], squares add up to 6
        assertEquals(Math.sqrt(6), norm(new float[] {1, 0, 0, 1}, new float[] {1, 1, 0, 2}, 2), 1e-9);
        assertEquals(Double.NaN, norm(new float[] {3, Float.NaN}, new float[] {1, 2}, 1));
    }

    private static double norm(float[] down, float[] up, int rank) {
        return AdapterInspection.norm(
                new AdapterFiles.Factors(Safetensors.Tensor.of(down, rank, 2), Safetensors.Tensor.of(up, 2, rank)));
    }
}
