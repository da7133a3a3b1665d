package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * B sequences side by side, padded on the right to T tokens. Padding never touches what is computed for a real token: the
 * attention is causal, and no target is a padding token.
 *
 * @param ids [B * T] token ids, row after row
 * @param rows [N] where each target is predicted: {@code b * T + t - 1} for the target at {@code t}
 * @param targets [N] the tokens to predict
 */
record Batch(int size, int length, long[] ids, long[] rows, long[] targets, long tokens) {
    static Batch of(List<Sequence> sequences, int padToken) {
        int length = sequences.stream().mapToInt(s -> s.ids().length).max().orElseThrow();
        int count = sequences.stream().mapToInt(Sequence::learned).sum();
        long[] ids = new long[sequences.size() * length];
        long[] rows = new long[count];
        long[] targets = new long[count];
        long tokens = 0;
        int n = 0;
        for (int b = 0; b < sequences.size(); b++) {
            Sequence sequence = sequences.get(b);
            tokens += sequence.ids().length;
            for (int t = 0; t < length; t++) {
                ids[b * length + t] = t < sequence.ids().length ? sequence.ids()[t] : padToken;
            }
            for (int t = 1; t < sequence.ids().length; t++) {
                if (sequence.mask()[t]) {
                    rows[n] = (long) b * length + t - 1;
                    targets[n++] = sequence.ids()[t];
                }
            }
        }
        return new Batch(sequences.size(), length, ids, rows, targets, tokens);
    }

    NDArray idsArray(NDManager manager) {
        return manager.create(ids, new Shape(size, length));
    }

    NDArray rowsArray(NDManager manager) {
        return manager.create(rows);
    }

    NDArray targetsArray(NDManager manager) {
        return manager.create(targets);
    }
}
