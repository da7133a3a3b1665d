package dev.perennial.learning;

/**
 * Tokens of one example.
 *
 * @param ids at least 2 tokens
 * @param learnedFrom index of the first token that is learned or judged, 1 to {@code ids.length - 1}; those before it are
 *     only read
 * @param judged whether the learned tokens are an answer that is right or wrong as a whole
 */
public record Sequence(int[] ids, int learnedFrom, boolean judged) {
    public Sequence {
        if (ids.length < 2 || learnedFrom < 1 || learnedFrom >= ids.length) {
            throw new LearningException("a sequence has at least one token that is read and one that is learned; got "
                    + ids.length + " tokens, learned from " + learnedFrom);
        }
    }

    public int learned() {
        return ids.length - learnedFrom;
    }
}
