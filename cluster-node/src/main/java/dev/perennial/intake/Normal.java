package dev.perennial.intake;

import java.text.Normalizer;

/**
 * The one form of a text that is kept: Unicode NFC, lines ended by LF. Two writings of one text so become one example.
 */
final class Normal {
    private Normal() {}

    /** Without trailing white space, which carries nothing at the end of a document or an answer. */
    static String text(String text) {
        return opening(text).stripTrailing();
    }

    /** What is to be gone on with keeps its trailing white space: it divides the prompt from its completion. */
    static String opening(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC).replace("\r\n", "\n");
    }

    /** Whether every surrogate has its partner; text that fails this cannot be written as UTF-8. */
    static boolean isUnicode(String text) {
        return text.codePoints()
                .noneMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
    }
}
