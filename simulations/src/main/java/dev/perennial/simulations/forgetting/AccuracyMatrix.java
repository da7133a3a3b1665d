package dev.perennial.simulations.forgetting;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What a learner knew when: R[i][j] is the accuracy on task j after update i, both from 0.
 *
 * @param before [tasks] accuracy of the bare base on each task, 0 to 1
 * @param after [tasks][tasks]
 */
record AccuracyMatrix(List<Double> before, List<List<Double>> after) {
    AccuracyMatrix {
        before = List.copyOf(before);
        after = after.stream().map(List::copyOf).toList();
    }

    int tasks() {
        return before.size();
    }

    /** Mean of the last row: how good the learner is at all tasks in the end (Lopez-Paz and Ranzato 2017, ACC). */
    double averageAccuracy() {
        return mean(after.get(tasks() - 1));
    }

    /** Mean of R[T-1][j] - R[j][j] over j below T-1 (Lopez-Paz and Ranzato 2017, BWT); 0 for one task. */
    double backwardTransfer() {
        return mean(IntStream.range(0, tasks() - 1)
                .mapToObj(j -> last(j) - after.get(j).get(j))
                .toList());
    }

    /** Mean of R[j-1][j] - before[j] over j from 1 (Lopez-Paz and Ranzato 2017, FWT); 0 for one task. */
    double forwardTransfer() {
        return mean(IntStream.range(1, tasks())
                .mapToObj(j -> after.get(j - 1).get(j) - before.get(j))
                .toList());
    }

    /** Mean over j below T-1 of the best R[l][j] with l from j to T-2, less R[T-1][j] (Chaudhry et al. 2018); 0 for one task. */
    double forgetting() {
        return mean(IntStream.range(0, tasks() - 1)
                .mapToObj(j -> IntStream.range(j, tasks() - 1)
                                .mapToDouble(l -> after.get(l).get(j))
                                .max()
                                .orElseThrow()
                        - last(j))
                .toList());
    }

    /** How well each task was learned when it came: mean of R[j][j]. */
    double learned() {
        return mean(
                IntStream.range(0, tasks()).mapToObj(j -> after.get(j).get(j)).toList());
    }

    private double last(int task) {
        return after.get(tasks() - 1).get(task);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }
}
