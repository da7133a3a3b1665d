package dev.perennial.offline;

import dev.perennial.learning.LearningException;
import dev.perennial.learning.dataset.JsonLines;
import dev.perennial.learning.dataset.JsonRow;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * JSON Lines of a file or standard input, of which a bad row does not sink the others: it is told on standard error, and
 * the command fails at its end.
 */
final class InputRows implements AutoCloseable {
    private final InputStream in;
    private final JsonLines lines;
    private final Progress progress;
    private long rows;
    private long bad;

    /** @param input a file, or {@code -} for standard input */
    InputRows(String input, Progress progress) {
        this.progress = progress;
        try {
            this.in = input.equals("-") ? unclosed(System.in) : Files.newInputStream(Path.of(input));
        } catch (IOException e) {
            throw new LearningException("cannot read " + input + ": " + e, e);
        }
        this.lines = new JsonLines(input.equals("-") ? "standard input" : input, in);
    }

    private static InputStream unclosed(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public void close() {}
        };
    }

    /** The next row; empty at the end. */
    Optional<JsonRow> read() {
        Optional<JsonRow> row = lines.read();
        row.ifPresent(present -> rows++);
        return row;
    }

    /** How many rows were read, bad ones too. */
    long count() {
        return rows;
    }

    /** Tells of a row for which there is no result. */
    void refuse(LearningException why) {
        bad++;
        progress.say("error: " + why.getMessage());
    }

    /** The command's exit code, once all rows are read. */
    int finish() {
        if (rows == 0) {
            throw new LearningException("the input has no rows");
        }
        if (bad > 0) {
            progress.say("error: " + bad + " of " + rows + (rows == 1 ? " row is" : " rows are")
                    + " bad and without a result; the other " + (rows - bad) + " are done");
        }
        return bad > 0 ? 1 : 0;
    }

    /** Stops a command whose results nobody reads any more. */
    static void check(PrintWriter out) {
        if (out.checkError()) {
            throw new LearningException("standard output was closed before all results were written");
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
