package dev.perennial.learning;

import java.util.List;

/** A term of a step's loss, and the number above 0 that it is multiplied with. */
public sealed interface LossTerm {
    double weight();

    /**
     * Cross-entropy, with what the objective adds to it.
     *
     * @param fresh new sequences
     * @param replayed earlier ones, which are also held to the reference's answers
     * @param anchored what the bare base could do, and is held to the bare base's answers; at least one sequence in all
     */
    record Likelihood(double weight, List<Sequence> fresh, List<Sequence> replayed, List<Sequence> anchored)
            implements LossTerm {
        public Likelihood(double weight, List<Sequence> fresh, List<Sequence> replayed) {
            this(weight, fresh, replayed, List.of());
        }

        public Likelihood {
            positive(weight);
            fresh = List.copyOf(fresh);
            replayed = List.copyOf(replayed);
            anchored = List.copyOf(anchored);
        }
    }

    /**
     * What is preferred to what.
     *
     * @param sequences for {@link Preference.Direct} chosen and rejected in turns, at least one unit
     * @param judged of each sequence, its summed log-probability under the parent, and whether it is desirable
     */
    record Preferred(double weight, Preference preference, List<Sequence> sequences, List<Preference.Judged> judged)
            implements LossTerm {
        public Preferred {
            positive(weight);
            sequences = List.copyOf(sequences);
            judged = List.copyOf(judged);
        }
    }

    private static void positive(double weight) {
        if (!(weight > 0 && weight < Float.MAX_VALUE)) {
            throw new LearningException("a term of a loss weighs more than 0; got " + weight);
        }
    }
}
