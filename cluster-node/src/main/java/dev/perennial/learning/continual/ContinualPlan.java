package dev.perennial.learning.continual;

import dev.perennial.learning.LearningException;
import dev.perennial.learning.LoraSettings;
import java.util.Optional;

/**
 * Everything that an update depends on beside its data, its parent and its seed. A method is a beginning and parts that are there or
 * not, each a class where its formula, source and cost are told: what is trained ({@link SequentialLora}, {@link StackedLora},
 * {@link BaseOnly}, {@link JointTraining}), what is learned ({@link Selection}; {@link KnowledgeGap}), what is replayed
 * ({@link ExperienceReplay}, {@link OwnAnswers}, {@link Neighbours}) and held to a teacher ({@link SelfDistillation}), what holds the
 * parameters ({@link ElasticPenalty} with {@link Fisher}; {@link OrthogonalPenalty}), and with an adapter a domain, where a prompt
 * belongs ({@link Router}).
 *
 * @param elastic parameters that mattered are held; empty for no such thing
 * @param orthogonality weight of the overlap of a stacked adapter's subspaces, 0 or more
 */
public record ContinualPlan(
        Beginning beginning,
        Training training,
        ExperienceReplay replay,
        SelfDistillation distillation,
        Selection selection,
        Optional<Elastic> elastic,
        double orthogonality) {
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
     * @param beta how strongly preferences and labelled answers are held to the parent, above 0
     */
    public record Training(
            LoraSettings lora,
            double learningRate,
            double weightDecay,
            int batchSize,
            int epochs,
            int maxSteps,
            double documentWeight,
            double beta) {
        public Training {
            atLeast("batch size", batchSize, 1);
            atLeast("epochs", epochs, 1);
            atLeast("steps", maxSteps, 1);
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
        if (elastic.isPresent() && !(beginning instanceof SequentialLora)) {
            throw new LearningException(
                    "only an adapter that training goes on from is held elastically; got " + beginning);
        }
        if (replay.neighbourShare() > 0 && (beginning instanceof BaseOnly || beginning instanceof JointTraining)) {
            throw new LearningException(
                    "neighbours are what the version that training goes on from knows; got " + beginning);
        }
        if (orthogonality > 0 && !(beginning instanceof StackedLora)) {
            throw new LearningException("only stacked adapters are kept orthogonal; got " + beginning);
        }
    }

    /** Sequential LoRA. */
    public static ContinualPlan sequential(Training training) {
        return new ContinualPlan(
                new SequentialLora(),
                training,
                ExperienceReplay.NONE,
                SelfDistillation.NONE,
                Selection.ALL,
                Optional.empty(),
                0);
    }

    /** Whether earlier items are learned as new ones are. */
    public boolean joint() {
        return beginning instanceof JointTraining;
    }

    /** Whether training begins at the base, whatever the parent is. */
    boolean fromBase() {
        return beginning instanceof BaseOnly || beginning instanceof JointTraining;
    }

    static void atLeast(String what, double value, double least) {
        if (!(value >= least && value < Float.MAX_VALUE)) {
            throw new LearningException(what + ": expected at least " + least + "; got " + value);
        }
    }
}
