package dev.perennial.learning.continual;

import dev.perennial.learning.LearningException;
import dev.perennial.learning.LoraSettings;
import java.util.Optional;

/**
 * Everything that an update depends on beside its data, its parent and its seed. The methods are parts that are there or not,
 * each where its formula, source and cost are told: what training begins with ({@link Start}; {@link Stacking}), what is learned
 * ({@link Selection}; {@link KnowledgeGap}), what is replayed ({@link Replay}; {@link Mixture}, {@link OwnAnswers}), what holds the
 * parameters ({@link ElasticPenalty} with {@link Fisher}; {@link OrthogonalPenalty}), and with an adapter a domain, where a prompt
 * belongs ({@link Router}).
 *
 * @param joint earlier items are learned as new ones are, not replayed: with {@link Start#BASE} and all earlier items the upper
 *     bound of what a method can reach, min over theta of the loss on everything that ever was. Costs an update of all data, and
 *     the data kept
 * @param elastic parameters that mattered are held; empty for no such thing
 * @param orthogonality weight of the overlap of a stacked adapter's subspaces, 0 or more
 */
public record ContinualPlan(
        Start start,
        boolean joint,
        Training training,
        Replay replay,
        Selection selection,
        Optional<Elastic> elastic,
        double orthogonality) {
    /** What is trained. */
    public enum Start {
        /**
         * The parent's adapter goes on; a fresh one where the parent is the bare base. Alone it is sequential LoRA (Hu et al.
         * 2021), the baseline: theta_t = argmin of the loss on the data of update t, begun at theta_(t-1). Costs nothing beside the
         * training itself, in bytes, time or data kept, and forgets.
         */
        PARENT,
        /** A fresh adapter upon the parent's, which stays as it is: see {@link Stacking}. */
        STACKED,
        /**
         * A fresh adapter, whatever the parent is. Alone it is the lower bound: theta_t = argmin of the loss on the data of update
         * t, begun at the base; what came before is gone. Costs what sequential LoRA costs.
         */
        BASE
    }

    /** Which of the new items are learned. */
    public enum Selection {
        ALL,
        /** What the parent answers right already is replayed, and not learned. */
        UNKNOWN,
        /** As unknown; first what is known least, and never what {@link KnowledgeGap} sets aside. */
        GAP
    }

    /**
     * @param lora shape of a fresh adapter
     * @param learningRate highest of the schedule
     * @param batchSize sequences a step
     * @param epochs passes over what is learned
     * @param maxSteps that end the passes early
     * @param documentWeight weight of a token of a sequence that is not judged, 0 to 1; answers weigh 1
     */
    public record Training(
            LoraSettings lora,
            double learningRate,
            double weightDecay,
            int batchSize,
            int epochs,
            int maxSteps,
            double documentWeight) {
        public Training {
            atLeast("batch size", batchSize, 1);
            atLeast("epochs", epochs, 1);
            atLeast("steps", maxSteps, 1);
        }
    }

    /**
     * Experience replay (Rolnick et al. 2019): of each batch of size n, {@code share} n sequences are from earlier updates and
     * {@code generalShare} n from what the base could do before any. Costs that part of the steps, and the data kept.
     *
     * <p>Self-distillation (learning without forgetting, Li and Hoiem 2016; dark experience replay, Buzzega et al. 2020): to the
     * mean cross-entropy of a batch, distillation * mean over the learned tokens of its replayed sequences of
     * KL(teacher || candidate) = sum over the vocabulary of p (log p - log q) is added, so that not the replayed answer alone is
     * kept but what the teacher thought of all the others. The teacher of earlier items is the parent. That of general items is
     * the bare base: held to the parent, what an update loses of them would be lost for all that follow. Costs a forward pass of
     * the teacher over what is replayed.
     *
     * @param share part of each batch that is replayed from earlier items, 0 for none
     * @param generalShare part of each batch that is replayed from general items, 0 for none; a pool that is empty leaves its
     *     part to the other
     * @param distillation weight of KL(teacher || candidate) on what is replayed, 0 or more
     */
    public record Replay(double share, double generalShare, double distillation) {
        public static final Replay NONE = new Replay(0, 0, 0);

        public Replay {
            atLeast("replayed share", share, 0);
            atLeast("general share", generalShare, 0);
            atLeast("distillation", distillation, 0);
            if (share + generalShare >= 1) {
                throw new LearningException(
                        "the replayed shares leave a part to what is new; got " + (share + generalShare));
            }
        }
    }

    /**
     * @param lambda how strongly, 0 or more; see {@link ElasticPenalty}
     * @param decay what the parent's Fisher counts beside the new one, 0 to 1
     * @param examples that the Fisher is estimated on at most
     */
    public record Elastic(double lambda, double decay, int examples) {
        public Elastic {
            atLeast("lambda", lambda, 0);
            atLeast("Fisher examples", examples, 1);
            if (!(decay >= 0 && decay <= 1)) {
                throw new LearningException("a Fisher decays by 0 to 1; got " + decay);
            }
        }
    }

    public ContinualPlan {
        atLeast("orthogonality", orthogonality, 0);
        if (elastic.isPresent() && start != Start.PARENT) {
            throw new LearningException(
                    "only an adapter that training goes on from is held elastically; got the start " + start);
        }
        if (orthogonality > 0 && start != Start.STACKED) {
            throw new LearningException("only stacked adapters are kept orthogonal; got the start " + start);
        }
    }

    /** Sequential LoRA. */
    public static ContinualPlan sequential(Training training) {
        return new ContinualPlan(Start.PARENT, false, training, Replay.NONE, Selection.ALL, Optional.empty(), 0);
    }

    private static void atLeast(String what, double value, double least) {
        if (!(value >= least && value < Float.MAX_VALUE)) {
            throw new LearningException(what + ": expected at least " + least + "; got " + value);
        }
    }
}
