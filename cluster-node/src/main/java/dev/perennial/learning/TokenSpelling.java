package dev.perennial.learning;

import java.util.List;
import java.util.Optional;

/**
 * What one token says.
 *
 * @param text its text; bytes that are no whole character stand as {@code \xNN}, and a special token by its name
 * @param bytes its part of the text in UTF-8, each 0 to 255; empty for a special token, which stands for no text
 */
public record TokenSpelling(String text, Optional<List<Integer>> bytes) {}
