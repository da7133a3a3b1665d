package dev.perennial.learning.continual;

import java.util.ArrayList;
import java.util.List;

/**
 * Which few examples have nearly the mean of all (iCaRL, algorithm 4; Rebuffi et al. 2017): with phi(x) the embedding of x at
 * length 1 and mu the mean of all, the k-th is argmin over x of |mu - (phi(x) + sum of those chosen before) / k|, so that any first
 * ones are a good choice. Chosen without replacement, as algorithm 4 is commonly read.
 *
 * <p>Costs n D for each that is chosen, with n examples of D numbers.
 */
public final class Herding {
    private Herding() {}

    /**
     * Places of the embeddings, the first chosen first; of equals the one that comes first.
     *
     * @param embeddings of one length each
     * @param most how many are chosen at most
     */
    public static List<Integer> order(List<float[]> embeddings, int most) {
        int count = embeddings.size();
        List<Integer> order = new ArrayList<>();
        if (count == 0) {
            return order;
        }
        double[][] phi = embeddings.stream().map(Herding::unit).toArray(double[][]::new);
        int width = phi[0].length;
        // k mu - sum of those chosen before: the k-th brings it as near to 0 as can be
        double[] missing = new double[width];
        double[] mean = new double[width];
        for (double[] each : phi) {
            for (int d = 0; d < width; d++) {
                mean[d] += each[d] / count;
            }
        }
        boolean[] chosen = new boolean[count];
        while (order.size() < Math.min(count, most)) {
            add(missing, mean, 1);
            int best = -1;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < count; i++) {
                if (!chosen[i]) {
                    double distance = squaredDistance(missing, phi[i]);
                    if (best < 0 || distance < least) {
                        best = i;
                        least = distance;
                    }
                }
            }
            chosen[best] = true;
            order.add(best);
            add(missing, phi[best], -1);
        }
        return order;
    }

    private static double[] unit(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        double length = Math.sqrt(squares);
        double[] unit = new double[values.length];
        for (int d = 0; d < unit.length && length > 0; d++) {
            unit[d] = values[d] / length;
        }
        return unit;
    }

    private static void add(double[] sum, double[] values, double factor) {
        for (int d = 0; d < sum.length; d++) {
            sum[d] += factor * values[d];
        }
    }

    private static double squaredDistance(double[] first, double[] second) {
        double sum = 0;
        for (int d = 0; d < first.length; d++) {
            double difference = first[d] - second[d];
            sum += difference * difference;
        }
        return sum;
    }
}
