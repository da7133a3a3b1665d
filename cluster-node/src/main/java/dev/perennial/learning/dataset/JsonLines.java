package dev.perennial.learning.dataset;

import dev.perennial.learning.LearningException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Reads JSON Lines row by row, so that a file may be larger than memory. Blank lines are passed over. Mutable, for one
 * thread; closing the stream is its owner's.
 */
public final class JsonLines {
    private static final int LONGEST_ROW = 16 << 20;

    private final String name;
    private final RawRows raw;

    /** @param name what errors call the stream */
    public JsonLines(String name, InputStream in) {
        this.name = name;
        try {
            this.raw = new RawRows(in, LONGEST_ROW, true);
        } catch (IOException e) {
            throw unreadable(e);
        } catch (BadRow e) {
            throw new LearningException(name + ": " + e.getMessage(), e);
        }
    }

    /**
     * The next row, which may be a bad one: that shows when its values are asked for. Empty at the end.
     *
     * @throws LearningException where the stream cannot be read
     */
    public Optional<JsonRow> read() {
        try {
            return raw.read().map(row -> JsonRow.of(name, row));
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private LearningException unreadable(IOException e) {
        return new LearningException("cannot read " + name + ": " + e.getMessage(), e);
    }
}
