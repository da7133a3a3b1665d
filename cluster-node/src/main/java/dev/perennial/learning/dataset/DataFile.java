package dev.perennial.learning.dataset;

import dev.perennial.learning.LearningException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads data files: JSON Lines ({@code .jsonl}, {@code .ndjson}, or any file that begins with an object) or one JSON array
 * of objects, UTF-8, with or without a byte order mark.
 *
 * <p>Rows are recognised by their keys, each as text or as messages where TRL takes both: {@code text};
 * {@code prompt, completion}; {@code messages}; {@code conversations} (ShareGPT's {@code from, value} or
 * {@code role, content}); {@code prompt, chosen, rejected}; {@code chosen, rejected} with the prompt as their common
 * beginning; {@code prompt, completion, label}. Other keys are passed over, and so are messages that
 * repeat what is chosen and a prompt that repeats a user's message. In messages, the completion and what is chosen
 * or rejected is one message of the assistant. The first three kinds may mix in a file, as they are learned alike.
 */
public final class DataFile {
    private static final int LONGEST_ROW = 16 << 20;
    private static final int MOST_ROWS = 10_000_000;
    private static final int MOST_SHOWN = 5;

    /**
     * What a file has.
     *
     * @param rows in the order of the file, at least one
     * @param lines of each row the line on which it begins, from 1
     */
    public record Content(List<DataRow> rows, List<Long> lines) {
        public Content {
            rows = List.copyOf(rows);
            lines = List.copyOf(lines);
        }
    }

    private final String name;
    private final List<Long> lines = new ArrayList<>();
    private final List<DataRow> rows = new ArrayList<>();
    private final List<String> shown = new ArrayList<>();
    private long bad;

    private DataFile(Path file) {
        this.name = String.valueOf(file.getFileName());
    }

    /**
     * All rows in the order of the file; a row is at most 16 MiB, a file at most 10 million rows.
     *
     * @throws LearningException where the file cannot be read or has no rows, or with the number of rows that cannot be
     *     used and, of the first five, the line and what was expected and what came
     */
    public static Content read(Path file) {
        return read(file, LONGEST_ROW, MOST_ROWS);
    }

    static Content read(Path file, int longestRow, int mostRows) {
        DataFile data = new DataFile(file);
        String lower = data.name.toLowerCase(Locale.ROOT);
        boolean lines = lower.endsWith(".jsonl") || lower.endsWith(".ndjson");
        try (InputStream in = Files.newInputStream(file)) {
            RawRows raw = new RawRows(in, longestRow, lines);
            for (Optional<RawRows.Row> row = raw.read(); row.isPresent(); row = raw.read()) {
                if (data.rows.size() + data.bad == mostRows) {
                    throw new LearningException(
                            data.name + ": expected at most " + mostRows + " rows; got more; split the file");
                }
                data.take(row.get());
            }
        } catch (IOException e) {
            throw new LearningException("cannot read data file " + file + ": " + e, e);
        } catch (BadRow e) {
            throw new LearningException(data.name + ": " + e.getMessage());
        }
        return data.finish();
    }

    private void take(RawRows.Row raw) {
        try {
            if (!raw.problem().isEmpty()) {
                throw new BadRow(raw.problem());
            }
            DataRow row = RowParser.parse(RowJson.parse(raw.bytes()));
            if (!rows.isEmpty() && row.purpose() != rows.get(0).purpose()) {
                throw new BadRow("expected " + kind(rows.get(0)) + ", as on line " + lines.get(0) + "; got " + kind(row)
                        + ": these are trained differently and go into files of their own");
            }
            rows.add(row);
            lines.add(raw.line());
        } catch (BadRow e) {
            bad++;
            if (shown.size() < MOST_SHOWN) {
                shown.add(name + " line " + (raw.line() + e.linesDown()) + ": " + e.getMessage());
            }
        }
    }

    private Content finish() {
        if (bad == 1) {
            throw new LearningException(shown.get(0));
        }
        if (bad > 1) {
            throw new LearningException(name + " has " + bad + " bad rows"
                    + (bad > shown.size() ? ", of which these are the first " + shown.size() : "") + ":\n"
                    + String.join("\n", shown));
        }
        if (rows.isEmpty()) {
            throw new LearningException(name + " has no rows; expected JSON objects with keys " + RowParser.EXPECTED);
        }
        return new Content(rows, lines);
    }

    private static String kind(DataRow row) {
        return switch (row.purpose()) {
            case SUPERVISED -> "a row of text, completion or conversation";
            case PREFERENCE -> "a preference row (chosen, rejected)";
            case JUDGEMENT -> "a labelled row (prompt, completion, label)";
        };
    }
}
