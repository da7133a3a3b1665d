package dev.perennial.learning.tuning;

import dev.perennial.learning.dataset.EncodedData;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Encoded rows that messages can name.
 *
 * @param file name of the file they come from
 * @param rows number in the file, from 1, of each row that was encoded
 */
public record NamedData(EncodedData data, String file, List<Integer> rows) {
    private static final int MOST_NAMED = 8;

    public NamedData {
        rows = List.copyOf(rows);
    }

    /** The row of a unit, from 1. */
    int row(int unit) {
        return rows.get(data.origins().get(unit));
    }

    /** Such as {@code rows 3, 17 and 40 of data.jsonl}. */
    static String name(List<Integer> rows, String file) {
        List<String> names =
                rows.stream().sorted().distinct().map(String::valueOf).toList();
        if (names.size() == 1) {
            return "row " + names.get(0) + " of " + file;
        }
        int named = names.size() <= MOST_NAMED ? names.size() - 1 : MOST_NAMED;
        String rest = names.size() <= MOST_NAMED ? names.get(named) : (names.size() - MOST_NAMED) + " more";
        return names.stream().limit(named).collect(Collectors.joining(", ", "rows ", " and " + rest + " of " + file));
    }
}
