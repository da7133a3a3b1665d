package dev.perennial.learning.dataset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Cuts a file into the bytes of its rows, one at a time: the lines of JSON Lines, or the elements of a JSON array. What is
 * in a row is not looked at, so that a bad one does not sink those after it, and an over-long one is skipped without being
 * kept. Mutable, for one thread.
 */
final class RawRows {
    private final InputStream in;
    private final int longest;
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int filled;
    private long line = 1;

    private final ByteArrayOutputStream row = new ByteArrayOutputStream();
    private boolean tooLong;

    private final boolean array;
    private boolean ended;
    private boolean any;

    /**
     * @param line of the file, from 1, on which the row begins
     * @param problem empty, or why there are no bytes
     */
    record Row(long line, byte[] bytes, String problem) {
        static Row bad(long line, String problem) {
            return new Row(line, new byte[0], problem);
        }
    }

    /**
     * @param longest row in bytes
     * @param lines whether to read lines whatever the first byte is
     * @throws BadRow where the first byte that is not blank begins neither an object nor an array
     */
    RawRows(InputStream in, int longest, boolean lines) throws IOException, BadRow {
        this.in = in;
        this.longest = longest;
        filled = in.readNBytes(buffer, 0, buffer.length);
        if (filled >= 3 && buffer[0] == (byte) 0xEF && buffer[1] == (byte) 0xBB && buffer[2] == (byte) 0xBF) {
            at = 3;
        }
        int first = peek();
        while (blank(first)) {
            next();
            first = peek();
        }
        array = first == '[' && !lines;
        if (array) {
            next();
        } else if (!lines && first != '{' && first >= 0) {
            throw new BadRow("expected JSON Lines, which begin with {, or a JSON array, which begins with [; got "
                    + (first > ' ' && first < 0x7F ? "'" + (char) first + "'" : String.format("byte 0x%02X", first)));
        }
    }

    Optional<Row> read() throws IOException {
        return array ? element() : line();
    }

    private Optional<Row> line() throws IOException {
        while (peek() >= 0) {
            long begin = line;
            boolean blank = true;
            for (int b = next(); b >= 0 && b != '\n'; b = next()) {
                blank &= blank(b);
                keep(b);
            }
            Row cut = cut(begin);
            if (!blank) {
                return Optional.of(cut);
            }
        }
        return Optional.empty();
    }

    /** Elements are what lies between commas outside of strings and brackets. */
    private Optional<Row> element() throws IOException {
        if (ended) {
            return rest();
        }
        long begin = 0;
        int depth = 0;
        boolean string = false;
        boolean escaped = false;
        for (int b = peek(); b >= 0; b = peek()) {
            if (begin == 0 && !blank(b)) {
                begin = line;
            }
            next();
            if (string) {
                string = escaped || b != '"';
                escaped = b == '\\' && !escaped;
            } else if (b == '"') {
                string = true;
            } else if (b == '{' || b == '[') {
                depth++;
            } else if (depth > 0 && (b == '}' || b == ']')) {
                depth--;
            } else if (depth == 0 && (b == ',' || b == ']')) {
                ended = b == ']';
                if (ended && !any && row.size() == 0 && !tooLong) {
                    return rest();
                }
                any = true;
                return Optional.of(cut(begin));
            }
            // Blanks before a row are no part of it: lines are counted from its first byte.
            if (begin > 0) {
                keep(b);
            }
        }
        ended = true;
        return Optional.of(
                depth > 0 || string
                        ? Row.bad(begin, "the file ends inside of this row; expected the row's end and ]")
                        : Row.bad(line, "the file ends inside of the array; expected ]"));
    }

    /** Nothing, or an error where something follows the array. */
    private Optional<Row> rest() throws IOException {
        while (blank(peek())) {
            next();
        }
        if (peek() < 0) {
            return Optional.empty();
        }
        long begin = line;
        while (next() >= 0) {}
        return Optional.of(Row.bad(begin, "expected the end of the file after the array's ]; got more"));
    }

    private void keep(int b) {
        if (row.size() == longest) {
            tooLong = true;
            row.reset();
        }
        if (!tooLong) {
            row.write(b);
        }
    }

    private Row cut(long begin) {
        Row cut = tooLong
                ? Row.bad(begin, "expected a row of at most " + longest + " bytes; got a longer one")
                : new Row(begin, row.toByteArray(), "");
        row.reset();
        tooLong = false;
        return cut;
    }

    private static boolean blank(int b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    /** The next byte, which stays, or -1. */
    private int peek() throws IOException {
        if (at == filled) {
            filled = Math.max(0, in.read(buffer));
            at = 0;
        }
        return at == filled ? -1 : buffer[at] & 0xFF;
    }

    private int next() throws IOException {
        int b = peek();
        if (b >= 0) {
            at++;
            line += b == '\n' ? 1 : 0;
        }
        return b;
    }
}
