package dev.perennial.learning.dataset;

import dev.perennial.learning.LearningException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Rows to train on, and rows set aside to see how training does; each in the order of the file. */
public record DataSplit(List<DataRow> train, List<DataRow> heldOut) {
    /**
     * Sets aside a share of the rows, rounded, but at least one. Equal rows stay together, so that nothing which is held
     * out is trained too; the part may be smaller than asked by that.
     *
     * @param share from 0, with which nothing is held out, to less than 1
     * @param seed the same seed and rows give the same parts
     * @throws LearningException where the share is out of range, or one of the parts would be empty
     */
    public static DataSplit of(List<DataRow> rows, double share, long seed) {
        if (!(share >= 0 && share < 1)) {
            throw new LearningException("--held-out: expected a share from 0 to less than 1; got " + share);
        }
        if (share == 0) {
            return new DataSplit(List.copyOf(rows), List.of());
        }
        Map<DataRow, Integer> copies = new HashMap<>();
        List<DataRow> distinct = new ArrayList<>();
        for (DataRow row : rows) {
            if (copies.merge(row, 1, Integer::sum) == 1) {
                distinct.add(row);
            }
        }
        Collections.shuffle(distinct, new Random(seed));
        long left = Math.max(1, Math.round(share * rows.size()));
        Set<DataRow> chosen = new HashSet<>();
        for (DataRow row : distinct) {
            int count = copies.getOrDefault(row, 0);
            if (count <= left) {
                chosen.add(row);
                left -= count;
            }
        }
        List<DataRow> train = rows.stream().filter(row -> !chosen.contains(row)).toList();
        List<DataRow> heldOut = rows.stream().filter(chosen::contains).toList();
        if (train.isEmpty() || heldOut.isEmpty()) {
            throw new LearningException("--held-out " + share + " of " + rows.size() + " rows, " + distinct.size()
                    + " of them different, leaves " + train.size() + " to train on and " + heldOut.size()
                    + " held out; expected at least one of each");
        }
        return new DataSplit(train, heldOut);
    }
}
