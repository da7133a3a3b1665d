package dev.perennial.learning;

import java.util.List;

/**
 * Cuts a growing text at the first stop text, and tells how much of it is safe to send: never a part of what may still turn
 * out to be a stop text, nor of a character whose bytes have not all come.
 */
final class StopTexts {
    private static final char INCOMPLETE = '\uFFFD';

    private final List<String> stops;

    StopTexts(List<String> stops) {
        this.stops = stops.stream().filter(stop -> !stop.isEmpty()).toList();
    }

    /** Where the first stop text begins, or -1. */
    int find(String text) {
        return stops.stream()
                .mapToInt(text::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(-1);
    }

    /** How many characters from the beginning can be sent while more may come. */
    int safeLength(String text) {
        int safe = text.length();
        while (safe > 0 && text.charAt(safe - 1) == INCOMPLETE) {
            safe--;
        }
        // What is whole may begin a stop text of which the next character's bytes have only partly come.
        String whole = text.substring(0, safe);
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, whole.length()); length > 0; length--) {
                if (whole.endsWith(stop.substring(0, length))) {
                    safe = Math.min(safe, whole.length() - length);
                    break;
                }
            }
        }
        return safe;
    }
}
