package dev.perennial.simulations.pretraining;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/**
 * GPT-2's printable stand-ins for the 256 byte values (Radford et al. 2019, {@code encoder.py}, {@code bytes_to_unicode}): a printable
 * Latin-1 byte stands for itself, any other for the next character from U+0100 on. A blank is therefore written {@code Ġ}.
 */
final class ByteAlphabet {
    private static final char[] CHARACTERS = characters();

    private ByteAlphabet() {}

    /** The 256 characters by code point. */
    static String sorted() {
        return IntStream.range(0, 256)
                .map(value -> CHARACTERS[value])
                .sorted()
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** The UTF-8 bytes of a text, one character each. */
    static String encode(String text) {
        var result = new StringBuilder();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) result.append(CHARACTERS[value & 0xff]);
        return result.toString();
    }

    private static char[] characters() {
        var characters = new char[256];
        char next = 0x100;
        for (int value = 0; value < 256; value++) characters[value] = isPrintable(value) ? (char) value : next++;
        return characters;
    }

    private static boolean isPrintable(int value) {
        return (value >= '!' && value <= '~') || (value >= 0xa1 && value <= 0xac) || value >= 0xae;
    }
}
