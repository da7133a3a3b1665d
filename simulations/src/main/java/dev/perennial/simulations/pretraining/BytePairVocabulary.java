package dev.perennial.simulations.pretraining;

import java.util.List;

/**
 * What a byte-level BPE tokenizer has learnt: its tokens by id, special tokens first and the 256 bytes next, and its merges in the
 * order in which encoding applies them.
 */
public record BytePairVocabulary(List<String> tokens, List<Merge> merges) {
    /** The special tokens in the order of their ids. */
    public static final List<String> SPECIAL_TOKENS =
            List.of("<|pad|>", "<|bos|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>");

    /** Ids of the tokens that a model's configuration names. */
    static final int PAD = 0;

    static final int BEGIN = 1;
    static final int END = 5;

    /** Two adjacent tokens become one. */
    public record Merge(String left, String right) {
        String joined() {
            return left + right;
        }
    }
}
