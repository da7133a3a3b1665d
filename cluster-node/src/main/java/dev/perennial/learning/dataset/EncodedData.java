package dev.perennial.learning.dataset;

import dev.perennial.learning.Sequence;
import java.util.List;

/** Rows as tokens, in the units that a loss is computed of. */
public sealed interface EncodedData {
    Report report();

    /** Of each unit the index of its row among those that were encoded, from 0. */
    List<Integer> origins();

    /** For cross-entropy. */
    record Sequences(List<Sequence> sequences, List<Integer> origins, Report report) implements EncodedData {
        public Sequences {
            origins = List.copyOf(origins);
            sequences = List.copyOf(sequences);
        }
    }

    /** For DPO. */
    record Pairs(List<Pair> pairs, List<Integer> origins, Report report) implements EncodedData {
        public Pairs {
            origins = List.copyOf(origins);
            pairs = List.copyOf(pairs);
        }
    }

    /** For KTO. */
    record Judgements(List<Judgement> judgements, List<Integer> origins, Report report) implements EncodedData {
        public Judgements {
            origins = List.copyOf(origins);
            judgements = List.copyOf(judgements);
        }
    }

    /** What is learned relative to the parent version. */
    sealed interface Choice {}

    /** Two answers to one prompt; both sequences begin with its tokens, and only the answers are learned. */
    record Pair(Sequence chosen, Sequence rejected) implements Choice {}

    record Judgement(Sequence sequence, boolean desirable) implements Choice {}

    /**
     * What became of the rows.
     *
     * @param rows that came in
     * @param units sequences, pairs or judgements that came out; a long document gives several
     * @param cut rows that lost tokens at their end
     * @param leftOut rows that lost all that there is to learn, and are in no unit
     * @param tokens of all units
     * @param learned tokens among them
     */
    record Report(int rows, int units, int cut, int leftOut, long tokens, long learned) {}
}
