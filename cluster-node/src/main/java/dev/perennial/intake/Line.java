package dev.perennial.intake;

import org.apache.pekko.util.ByteString;

/**
 * One line of an upload.
 *
 * @param number from 1, blank lines counted
 * @param content without its end; empty where the line is too long to be kept
 */
record Line(long number, ByteString content, boolean tooLong) {
    boolean isBlank() {
        if (tooLong) {
            return false;
        }
        for (byte each : content.toArrayUnsafe()) {
            if (each != ' ' && each != '\t' && each != '\r') {
                return false;
            }
        }
        return true;
    }
}
