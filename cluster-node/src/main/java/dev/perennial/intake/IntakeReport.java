package dev.perennial.intake;

import java.util.ArrayList;
import java.util.List;

/**
 * What became of the lines of an upload.
 *
 * @param accepted new examples
 * @param duplicates known ones
 * @param rejected bad lines, all of them
 * @param errors the first of the bad lines
 */
public record IntakeReport(long accepted, long duplicates, long rejected, List<LineError> errors) {
    static final IntakeReport NONE = new IntakeReport(0, 0, 0, List.of());

    public IntakeReport {
        errors = List.copyOf(errors);
    }

    /** @param line from 1; in a JSON array, the element */
    public record LineError(long line, String message) {}

    /** @param most errors that are kept */
    IntakeReport plus(IntakeReport later, int most) {
        List<LineError> both = errors;
        if (!later.errors.isEmpty() && errors.size() < most) {
            both = new ArrayList<>(errors);
            both.addAll(later.errors.subList(0, Math.min(later.errors.size(), most - errors.size())));
        }
        return new IntakeReport(
                accepted + later.accepted, duplicates + later.duplicates, rejected + later.rejected, both);
    }

    long lines() {
        return accepted + duplicates + rejected;
    }
}
