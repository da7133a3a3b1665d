package dev.perennial.learning;

import java.util.ArrayList;
import java.util.List;

/**
 * How a training step fits its memory: how many tokens go through the model at once, and how many layers keep what their
 * backward pass reuses; the others keep their input alone and are computed again (activation checkpointing, Chen et al.
 * 2016).
 *
 * @param shape of the model
 * @param bytesANumber of activations, 4 or 2
 * @param budget bytes for activations, at least 1 MiB
 * @param microTokens most tokens of a micro-batch of more than one unit
 */
public record MemoryPlan(ModelShape shape, int bytesANumber, long budget, int microTokens) {
    private static final long LEAST = 1L << 20;
    /** A token more than this at once makes no step faster. */
    private static final int MOST_TOKENS = 1 << 14;
    /** Logits, their softmax, what is added to them, of one chunk of the vocabulary head. */
    private static final long HEAD_CHUNKS = 4L * (8 << 20);

    public MemoryPlan {
        if (budget < LEAST || microTokens < 1) {
            throw new LearningException("a memory budget is at least " + LEAST + " bytes and a token; got " + budget
                    + " bytes, " + microTokens + " tokens");
        }
    }

    /** With half of the memory that the device has free now. */
    public static MemoryPlan automatic(BaseModel base) {
        return of(base, Math.max(LEAST, base.freeMemory() / 2));
    }

    /** With so many bytes for activations. */
    public static MemoryPlan of(BaseModel base, long budget) {
        ModelShape shape = base.shape();
        int width = base.bytesANumber();
        long working = Math.max(0, budget - headBytes(shape));
        long tokens = working / Math.max(1, tokenBytes(shape, width, 0));
        return new MemoryPlan(shape, width, budget, (int) Math.max(1, Math.min(MOST_TOKENS, tokens)));
    }

    /** Every layer is computed again: the least memory. */
    public static MemoryPlan keepingNone(BaseModel base) {
        return new MemoryPlan(base.shape(), base.bytesANumber(), LEAST, MOST_TOKENS);
    }

    /** No layer is computed again. */
    public static MemoryPlan keepingAll(BaseModel base) {
        return new MemoryPlan(base.shape(), base.bytesANumber(), Long.MAX_VALUE, MOST_TOKENS);
    }

    private static long headBytes(ModelShape shape) {
        return Math.min(HEAD_CHUNKS, 16L * 4 * 4 * shape.vocabulary());
    }

    /** What a token takes at most with so many layers kept: every layer's input, those layers, and one that is at work. */
    private static long tokenBytes(ModelShape shape, int bytesANumber, int kept) {
        long inputs = (long) shape.layers() * shape.hidden();
        long layer = layerNumbers(shape);
        long atWork = layer + 4L * shape.intermediate() + 4L * shape.hidden();
        return bytesANumber * (inputs + kept * (layer - shape.hidden()) + atWork);
    }

    /** What the backward pass of one layer reuses, numbers a token: see {@code layer} in decoder.torchscript. */
    private static long layerNumbers(ModelShape shape) {
        long queries = (long) shape.heads() * shape.headWidth();
        long keys = (long) shape.kvHeads() * shape.headWidth();
        long norms = shape.headNorms() ? queries + keys : 0;
        // Attention keeps keys and values once more for every query head, and its output.
        return 4L * shape.hidden() + 3 * queries + 2 * keys + norms + 2 * queries + 3L * shape.intermediate();
    }

    /** How many of the last layers may keep their activations for so many tokens. */
    int keptLayers(int tokens) {
        int kept = shape.layers();
        while (kept > 0 && headBytes(shape) + tokens * tokenBytes(shape, bytesANumber, kept) > budget) {
            kept--;
        }
        return kept;
    }

    boolean canShrink(int longestSequence) {
        return microTokens > longestSequence || keptLayers(longestSequence) > 0;
    }

    /** With half of everything. */
    MemoryPlan halved() {
        return new MemoryPlan(shape, bytesANumber, Math.max(LEAST, budget / 2), Math.max(1, microTokens / 2));
    }

    /** Consecutive pieces of at most {@link #microTokens}, never cutting a unit of so many sequences. */
    List<List<Sequence>> split(List<Sequence> sequences, int unit) {
        List<List<Sequence>> parts = new ArrayList<>();
        int from = 0;
        long tokens = 0;
        for (int at = 0; at < sequences.size(); at += unit) {
            long more = 0;
            for (Sequence sequence : sequences.subList(at, at + unit)) {
                more += sequence.ids().length;
            }
            if (at > from && tokens + more > microTokens) {
                parts.add(sequences.subList(from, at));
                from = at;
                tokens = 0;
            }
            tokens += more;
        }
        parts.add(sequences.subList(from, sequences.size()));
        return parts;
    }
}
