package dev.perennial.learning;

/**
 * Tokens of one example.
 *
 * @param ids [T] at least 2 tokens
 * @param mask [T] which tokens are learned or judged, given all those before them; at least one, and never the first
 * @param judged whether the learned tokens are an answer that is right or wrong as a whole
 */
public record Sequence(int[] ids, boolean[] mask, boolean judged) {
    public Sequence {
        if (ids.length < 2 || mask.length != ids.length || mask[0] || count(mask) == 0) {
            throw new LearningException(
                    "a sequence has at least one token that is read and then one that is learned; got " + ids.length
                            + " tokens, of which " + count(mask) + " are learned");
        }
    }

    /** A sequence of which all tokens from {@code learnedFrom} on are learned. */
    public Sequence(int[] ids, int learnedFrom, boolean judged) {
        this(ids, from(ids.length, learnedFrom), judged);
    }

    private static boolean[] from(int length, int learnedFrom) {
        boolean[] mask = new boolean[length];
        java.util.Arrays.fill(mask, Math.min(length, Math.max(0, learnedFrom)), length, true);
        return mask;
    }

    private static int count(boolean[] mask) {
        int count = 0;
        for (boolean learned : mask) {
            count += learned ? 1 : 0;
        }
        return count;
    }

    /** How many tokens are learned. */
    public int learned() {
        return count(mask);
    }

    /** Index of the first token that is learned. */
    public int learnedFrom() {
        int first = 0;
        while (!mask[first]) {
            first++;
        }
        return first;
    }
}
