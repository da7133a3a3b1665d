package dev.perennial.simulations.cluster.invariants;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A journal with more than one writer, as Pekko replays it (ReplayFilter, repair-by-discard-old): once a writer has written,
 * rows of those before it count no more, nor do their rows from the first of its sequence numbers on.
 */
public final class Journal {
    private Journal() {}

    /** What a replay applies, in its order. */
    public static <E> List<JournalRow<E>> counted(List<JournalRow<E>> rows) {
        List<JournalRow<E>> kept = new ArrayList<>();
        Set<String> former = new HashSet<>();
        String writer = "";
        long latest = 0;
        for (JournalRow<E> row : ordered(rows)) {
            if (former.contains(row.writer())) {
                continue;
            }
            if (!row.writer().equals(writer)) {
                kept.removeIf(earlier -> earlier.sequence() >= row.sequence());
                former.add(writer);
                writer = row.writer();
            } else if (row.sequence() <= latest) {
                continue;
            }
            latest = row.sequence();
            kept.add(row);
        }
        return kept;
    }

    /** Rows that a replay passes over: a former writer wrote them after another had taken its place. */
    public static <E> List<JournalRow<E>> discarded(List<JournalRow<E>> rows) {
        Set<JournalRow<E>> counted = new HashSet<>(counted(rows));
        return ordered(rows).stream().filter(row -> !counted.contains(row)).toList();
    }

    /** Sequence numbers that a replay misses. */
    static <E> List<Long> gaps(List<JournalRow<E>> counted) {
        List<Long> gaps = new ArrayList<>();
        long expected = 1;
        for (JournalRow<E> row : counted) {
            for (; expected < row.sequence(); expected++) {
                gaps.add(expected);
            }
            expected = row.sequence() + 1;
        }
        return gaps;
    }

    private static <E> List<JournalRow<E>> ordered(List<JournalRow<E>> rows) {
        return rows.stream()
                .sorted(Comparator.comparingLong((JournalRow<E> row) -> row.sequence())
                        .thenComparing(JournalRow::written))
                .toList();
    }
}
