package dev.perennial.learning.tuning;

import dev.perennial.learning.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Prompts with answers to other prompts. Each prompt gets the answer of the sequence before it, the first that of the last, as
 * TRL pairs them; but sequences of the same prompt, which data sets often hold side by side, are passed over.
 */
final class Mismatched {
    /** Where so many neighbours have the same prompt, the nearest must do. */
    private static final int FARTHEST = 64;

    private Mismatched() {}

    /**
     * One for each of the first sequences.
     *
     * @param first how many of them get an answer; those after them only lend theirs
     * @param longest tokens of one, at least as many as the sequences have; answers are cut to it
     */
    static List<Sequence> of(List<Sequence> sequences, int first, int longest) {
        List<Sequence> mismatched = new ArrayList<>();
        for (int i = 0; i < first; i++) {
            mismatched.add(join(sequences.get(i), sequences.get(other(sequences, i)), longest));
        }
        return mismatched;
    }

    private static int other(List<Sequence> sequences, int of) {
        int count = sequences.size();
        int[] prompt = prompt(sequences.get(of));
        for (int back = 1; back <= Math.min(FARTHEST, count - 1); back++) {
            int at = (of - back + count) % count;
            if (!Arrays.equals(prompt, prompt(sequences.get(at)))) {
                return at;
            }
        }
        return (of - 1 + count) % count;
    }

    private static int[] prompt(Sequence sequence) {
        return Arrays.copyOf(sequence.ids(), sequence.learnedFrom());
    }

    private static Sequence join(Sequence asked, Sequence answered, int longest) {
        int[] prompt = prompt(asked);
        int[] answer = Arrays.copyOfRange(answered.ids(), answered.learnedFrom(), answered.ids().length);
        // The prompt alone is shorter than its own sequence, so that at least one token of the answer is left.
        int[] ids = Arrays.copyOf(prompt, Math.min(longest, prompt.length + answer.length));
        System.arraycopy(answer, 0, ids, prompt.length, ids.length - prompt.length);
        return new Sequence(ids, prompt.length, false);
    }
}
