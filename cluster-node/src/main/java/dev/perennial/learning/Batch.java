package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences packed side by side without reading each other: sequences of like length lie together as groups, each a block
 * padded on the right to its longest. Padding never touches what is computed for a real token: attention is causal and stays
 * within a sequence, and no target is a padding token. Targets are in the order in which the sequences were given.
 *
 * @param ids [N] token ids, block after block
 * @param positions [N] place of each token in its sequence
 * @param groups [3 * groups] first token, sequences and padded length of each block
 * @param rows [n] the token that predicts each target
 * @param targets [n] the tokens to predict
 * @param segments [n] which sequence each target belongs to
 * @param sequences how many sequences
 * @param tokens real tokens, padding left out
 */
record Batch(
        long[] ids,
        long[] positions,
        long[] groups,
        long[] rows,
        long[] targets,
        long[] segments,
        int sequences,
        long tokens) {
    /** A sequence joins a block while it wastes at most an eighth of its width there, or a few tokens. */
    private static final int WASTE_SHARE = 8;

    private static final int WASTE_TOKENS = 3;

    static Batch of(List<Sequence> sequences, int padToken) {
        int[] starts = new int[sequences.size()];
        List<int[]> groups = groups(sequences, starts);
        int[] last = groups.get(groups.size() - 1);
        int size = last[0] + last[1] * last[2];
        long[] ids = new long[size];
        java.util.Arrays.fill(ids, padToken);
        long[] positions = new long[size];
        for (int[] group : groups) {
            for (int t = 0; t < group[1] * group[2]; t++) {
                positions[group[0] + t] = t % group[2];
            }
        }
        int count = sequences.stream().mapToInt(Sequence::learned).sum();
        long[] rows = new long[count];
        long[] targets = new long[count];
        long[] segments = new long[count];
        long tokens = 0;
        int n = 0;
        for (int b = 0; b < sequences.size(); b++) {
            int[] own = sequences.get(b).ids();
            boolean[] mask = sequences.get(b).mask();
            tokens += own.length;
            for (int t = 0; t < own.length; t++) {
                ids[starts[b] + t] = own[t];
                if (mask[t]) {
                    rows[n] = starts[b] + t - 1L;
                    targets[n] = own[t];
                    segments[n++] = b;
                }
            }
        }
        long[] flat = groups.stream()
                .flatMapToLong(group -> java.util.Arrays.stream(group).asLongStream())
                .toArray();
        return new Batch(ids, positions, flat, rows, targets, segments, sequences.size(), tokens);
    }

    /** Longest first; fills in where each sequence starts. */
    private static List<int[]> groups(List<Sequence> sequences, int[] starts) {
        List<Integer> order = IntStream.range(0, sequences.size())
                .boxed()
                .sorted(Comparator.comparingInt(b -> -sequences.get(b).ids().length))
                .toList();
        List<int[]> groups = new ArrayList<>();
        int at = 0;
        for (int b : order) {
            int length = sequences.get(b).ids().length;
            int[] group = groups.isEmpty() ? null : groups.get(groups.size() - 1);
            if (group == null || group[2] - length > Math.max(WASTE_TOKENS, group[2] / WASTE_SHARE)) {
                group = new int[] {at, 0, length};
                groups.add(group);
            }
            group[1]++;
            starts[b] = at;
            at += group[2];
        }
        return groups;
    }

    /** Tokens with padding: what a step computes. */
    int size() {
        return ids.length;
    }

    /** The scripts' ids, positions, groups, rows. */
    NDList input(NDManager manager) {
        return new NDList(manager.create(ids), manager.create(positions), manager.create(groups), manager.create(rows));
    }

    NDArray targetsArray(NDManager manager) {
        return manager.create(targets);
    }
}
