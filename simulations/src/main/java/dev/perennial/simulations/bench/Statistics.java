package dev.perennial.simulations.bench;

import java.util.Arrays;

/** Of a few measured values. */
final class Statistics {
    private Statistics() {}

    /** The middle value; of an even number the mean of the two in the middle. */
    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static double smallest(double[] values) {
        return Arrays.stream(values).min().orElseThrow();
    }
}
