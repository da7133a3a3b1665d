package dev.perennial.simulations.forgetting;

import java.util.List;

/**
 * A figure over several runs.
 *
 * @param spread standard deviation of the sample; 0 for one run
 */
record Spread(double mean, double spread) {
    static Spread of(List<Double> values) {
        double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        return new Spread(mean, values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1)));
    }
}
