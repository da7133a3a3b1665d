package dev.perennial.intake;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.util.ByteString;

/**
 * Cuts chunks of bytes into lines. Pekko's own framing fails the whole stream at an over-long line; here such a line is
 * skipped without being kept, and told as too long, so that it does not sink the others. Mutable; one for each stream.
 */
final class LineSplitter {
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final int longest;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private boolean tooLong;
    private long number;

    /** @param longest in bytes, without the line's end */
    LineSplitter(int longest) {
        this.longest = longest;
    }

    List<Line> feed(ByteString chunk) {
        byte[] bytes = chunk.toArrayUnsafe();
        List<Line> lines = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == '\n') {
                keep(bytes, from, at);
                lines.add(close());
                from = at + 1;
            }
        }
        keep(bytes, from, bytes.length);
        return lines;
    }

    /** The last line, where the upload does not end with a line's end. */
    List<Line> end() {
        return pending.size() == 0 && !tooLong ? List.of() : List.of(close());
    }

    private void keep(byte[] bytes, int from, int to) {
        // One byte more than the bound, for the CR of a CRLF.
        if (pending.size() + (to - from) > longest + 1) {
            tooLong = true;
            pending.reset();
        }
        if (!tooLong) {
            pending.write(bytes, from, to - from);
        }
    }

    private Line close() {
        number++;
        byte[] bytes = pending.toByteArray();
        boolean skipped = tooLong;
        pending.reset();
        tooLong = false;
        if (skipped) {
            return new Line(number, ByteString.emptyByteString(), true);
        }
        int from = number == 1 && startsWithByteOrderMark(bytes) ? BYTE_ORDER_MARK.length : 0;
        int to = bytes.length > from && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
        if (to - from > longest) {
            return new Line(number, ByteString.emptyByteString(), true);
        }
        return new Line(number, ByteString.fromArray(bytes, from, to - from), false);
    }

    private static boolean startsWithByteOrderMark(byte[] bytes) {
        for (int at = 0; at < BYTE_ORDER_MARK.length; at++) {
            if (bytes.length <= at || bytes[at] != BYTE_ORDER_MARK[at]) {
                return false;
            }
        }
        return true;
    }
}
