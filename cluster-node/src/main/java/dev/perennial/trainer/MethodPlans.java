package dev.perennial.trainer;

import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.continual.BaseOnly;
import dev.perennial.learning.continual.Beginning;
import dev.perennial.learning.continual.ContinualPlan;
import dev.perennial.learning.continual.ContinualPlan.Elastic;
import dev.perennial.learning.continual.ContinualPlan.Selection;
import dev.perennial.learning.continual.ContinualPlan.Training;
import dev.perennial.learning.continual.ExperienceReplay;
import dev.perennial.learning.continual.JointTraining;
import dev.perennial.learning.continual.SelfDistillation;
import dev.perennial.learning.continual.SequentialLora;
import dev.perennial.learning.continual.StackedLora;
import dev.perennial.learning.tuning.PreferenceLessons;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.protocols.LearningMethod.Part;
import java.util.Optional;

/** What a method's name means with a policy's numbers: parts that it names have them, the others are off. */
public final class MethodPlans {
    private static final double WEIGHT_DECAY = 0.01;
    /** As Wang et al. 2023 choose it for most tasks. */
    private static final double ORTHOGONALITY = 0.5;

    private MethodPlans() {}

    public static ContinualPlan plan(LearningMethod method, DomainPolicy policy) {
        DomainPolicy.Training training = policy.training();
        return new ContinualPlan(
                beginning(method.start()),
                new Training(
                        new LoraSettings(training.rank(), training.alpha(), training.dropout(), training.targets()),
                        training.learningRate(),
                        WEIGHT_DECAY,
                        training.batchSize(),
                        training.epochs(),
                        training.maxSteps(),
                        training.documentWeight(),
                        beta(training)),
                new ExperienceReplay(
                        method.has(Part.BUFFER) ? policy.replay().share() : 0,
                        method.has(Part.GENERAL) ? policy.replay().generalShare() : 0,
                        method.has(Part.NEIGHBOURS) ? policy.replay().neighbours() : 0),
                method.has(Part.DISTILLATION) ? distillation(policy.replay()) : SelfDistillation.NONE,
                selection(method),
                method.has(Part.EWC) ? Optional.of(elastic(policy.ewc())) : Optional.empty(),
                method.start() == LearningMethod.Start.O_LORA ? ORTHOGONALITY : 0);
    }

    private static Beginning beginning(LearningMethod.Start start) {
        return switch (start) {
            case LORA, ROUTED -> new SequentialLora();
            case STACKED, O_LORA -> new StackedLora();
            case BASE -> new BaseOnly();
            case JOINT -> new JointTraining();
        };
    }

    /** How strongly choices are held to the parent, where they are learned and where the gate measures them. */
    static double beta(DomainPolicy.Training training) {
        return training.beta().orElse(PreferenceLessons.BETA);
    }

    private static SelfDistillation distillation(DomainPolicy.Replay replay) {
        return new SelfDistillation(
                replay.distillation(), replay.generalDistillation().orElse(replay.distillation()));
    }

    private static Selection selection(LearningMethod method) {
        if (method.has(Part.GAP)) {
            return Selection.GAP;
        }
        return method.has(Part.KNOWN) ? Selection.UNKNOWN : Selection.ALL;
    }

    private static Elastic elastic(DomainPolicy.Ewc ewc) {
        return new Elastic(ewc.lambda(), ewc.fisherDecay(), ewc.fisherExamples());
    }
}
