package dev.perennial.simulations.pretraining;

import java.util.ArrayList;
import java.util.List;

/**
 * What a byte-level BPE tokenizer has learnt: its tokens by id, special tokens first and the 256 bytes next, and its merges in the
 * order in which encoding applies them.
 */
public record BytePairVocabulary(List<String> tokens, List<Merge> merges) {
    /** The special tokens in the order of their ids. */
    public static final List<String> SPECIAL_TOKENS =
            List.of("<|pad|>", "<|bos|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>");

    /** Id of the token that fills up short sequences. */
    public static final int PAD = 0;

    /** Id of the token that every sequence begins with. */
    public static final int BEGIN = 1;

    /** Id of the token that ends a message. */
    public static final int END = 5;

    /** Two adjacent tokens become one. */
    public record Merge(String left, String right) {
        String joined() {
            return left + right;
        }
    }

    /**
     * A vocabulary of any size that nothing was learnt for: the special tokens, the bytes, then pairs of bytes.
     *
     * @param size 262 to 65,798 tokens
     * @throws IllegalArgumentException for a size outside of that
     */
    public static BytePairVocabulary untrained(int size) {
        List<String> tokens = new ArrayList<>(SPECIAL_TOKENS);
        List<String> bytes =
                ByteAlphabet.sorted().chars().mapToObj(Character::toString).toList();
        tokens.addAll(bytes);
        int largest = tokens.size() + bytes.size() * bytes.size();
        if (size < tokens.size() || size > largest) {
            throw new IllegalArgumentException(
                    "expected a vocabulary of " + tokens.size() + " to " + largest + " tokens, got " + size);
        }
        List<Merge> merges = new ArrayList<>();
        for (int pair = 0; tokens.size() < size; pair++) {
            Merge merge = new Merge(bytes.get(pair / bytes.size()), bytes.get(pair % bytes.size()));
            merges.add(merge);
            tokens.add(merge.joined());
        }
        return new BytePairVocabulary(tokens, merges);
    }
}
