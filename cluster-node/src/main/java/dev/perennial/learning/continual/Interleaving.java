package dev.perennial.learning.continual;

import java.util.ArrayList;
import java.util.List;

/** Two lists as one. */
final class Interleaving {
    private Interleaving() {}

    /** Each list keeps its order, and every beginning has of both in proportion to their lengths, up to rounding. */
    static <T> List<T> evenly(List<T> one, List<T> other) {
        List<T> all = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < one.size() || j < other.size()) {
            // The i-th of n is due at (i + 1/2) / n.
            boolean isOnesTurn = (2L * i + 1) * other.size() <= (2L * j + 1) * one.size();
            if (j == other.size() || (i < one.size() && isOnesTurn)) {
                all.add(one.get(i++));
            } else {
                all.add(other.get(j++));
            }
        }
        return all;
    }
}
