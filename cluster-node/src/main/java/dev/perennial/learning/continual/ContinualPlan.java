package dev.perennial.learning.continual;

import dev.perennial.learning.LearningException;
import dev.perennial.learning.LoraSettings;
import java.util.Optional;

/**
 * Everything that an update depends on beside its data, its parent and its seed. The methods are parts that are there or not:
 *
 * <ul>
 *   <li>sequential LoRA, the baseline: {@link Start#PARENT} and nothing else;
 *   <li>experience replay (Rolnick et al. 2019): {@link Replay#share}, {@link Replay#generalShare}. Costs that part of the steps;
 *   <li>self-distillation (learning without forgetting, Li and Hoiem 2016): {@link Replay#distillation} times the mean
 *       KL(parent || candidate) over the tokens of what is replayed, so that dark knowledge is kept and not the replayed
 *       answer alone. Costs a forward pass of the parent over what is replayed;
 *   <li>{@link ElasticPenalty} with {@link Fisher}; {@link Stacking}, with {@link OrthogonalPenalty} O-LoRA;
 *   <li>{@link Selection}: what of the new is learned at all;
 *   <li>bounds: {@link Start#BASE} learns the new alone (lower), {@link #joint} all that ever was (upper).
 * </ul>
 *
 * @param joint earlier items are learned as new ones are, not replayed
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
        /** The parent's adapter goes on; a fresh one where the parent is the bare base. */
        PARENT,
        /** A fresh adapter upon the parent's, which stays as it is. */
        STACKED,
        /** A fresh adapter, whatever the parent is. */
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
     * @param share part of each batch that is replayed from earlier items, 0 for none
     * @param generalShare part of each batch that is replayed from general items, 0 for none; a pool that is empty leaves its
     *     part to the other
     * @param distillation weight of KL(parent || candidate) on what is replayed, 0 or more
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
