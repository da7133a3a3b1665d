package dev.perennial.protocols;

import java.util.HexFormat;
import java.util.Optional;

/** Digests as people read them, in lower-case hex, and as they are packed. */
final class HexDigest {
    private static final HexFormat HEX = HexFormat.of();

    private HexDigest() {}

    /** Empty for a text that is not so many bytes in lower-case hex. */
    static Optional<byte[]> bytes(String text, int count) {
        if (text.length() != 2 * count) {
            return Optional.empty();
        }
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (!((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f'))) {
                return Optional.empty();
            }
        }
        return Optional.of(HEX.parseHex(text));
    }
}
