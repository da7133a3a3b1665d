package dev.perennial.learning;

/** Losses on what people prefer, relative to the parent version. */
public sealed interface Preference {
    /** Sequences that are judged together. */
    int unit();

    /** The scripts' {@code preference}: kind and its numbers, last what the sum is divided by. */
    float[] forScript(double units);

    /**
     * One sequence of a preference step.
     *
     * @param reference summed log-probability of its learned tokens under the parent, nats
     * @param desirable whether such an answer is wanted; {@link Direct} knows it by the place
     */
    record Judged(double reference, boolean desirable) {}

    /**
     * DPO (Rafailov et al. 2023): -log sigmoid(beta (margin - margin of the parent)), mean over pairs of a chosen and a rejected
     * sequence.
     *
     * @param beta how strongly the parent holds, above 0
     * @param smoothing probability that a label is wrong, 0 to below 0.5 (conservative DPO)
     */
    record Direct(double beta, double smoothing) implements Preference {
        public Direct {
            positive("beta", beta);
            if (!(smoothing >= 0 && smoothing < 0.5)) {
                throw new LearningException("label smoothing must be 0 to below 0.5; got " + smoothing);
            }
        }

        @Override
        public int unit() {
            return 2;
        }

        @Override
        public float[] forScript(double units) {
            return new float[] {1, (float) beta, (float) smoothing, 0, 0, (float) units};
        }
    }

    /**
     * KTO (Ethayarajh et al. 2024): weight (1 - sigmoid(±(beta (log-ratio - point)))), mean over sequences.
     *
     * @param beta how strongly the parent holds, above 0
     * @param desirableWeight of wanted answers
     * @param undesirableWeight of unwanted ones
     * @param point KL(candidate || parent) as the batch estimates it, at least 0; not differentiated
     */
    record KahnemanTversky(double beta, double desirableWeight, double undesirableWeight, double point)
            implements Preference {
        public KahnemanTversky {
            positive("beta", beta);
            positive("desirable weight", desirableWeight);
            positive("undesirable weight", undesirableWeight);
            if (!(point >= 0)) {
                throw new LearningException("the KL point must be at least 0; got " + point);
            }
        }

        @Override
        public int unit() {
            return 1;
        }

        @Override
        public float[] forScript(double units) {
            return new float[] {
                2, (float) beta, (float) point, (float) desirableWeight, (float) undesirableWeight, (float) units
            };
        }
    }

    private static void positive(String name, double value) {
        if (!(value > 0 && value < 1e6)) {
            throw new LearningException(name + " must be above 0; got " + value);
        }
    }
}
