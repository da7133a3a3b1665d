package dev.perennial.protocols;

import java.util.List;
import java.util.Optional;

/**
 * A token that was written, or could have been.
 *
 * @param text what it says; bytes that are no whole character stand as {@code \xNN}
 * @param bytes its part of the text in UTF-8, each 0 to 255: a character may be spread over tokens; empty for a special
 *     token, which stands for no text
 * @param logprob natural logarithm of its probability under the model as it is, whatever the temperature
 */
public record TokenLogprob(String text, Optional<List<Integer>> bytes, double logprob) {
    public TokenLogprob {
        bytes = bytes.map(List::copyOf);
    }
}
