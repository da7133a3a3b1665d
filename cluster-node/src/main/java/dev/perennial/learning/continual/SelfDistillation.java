package dev.perennial.learning.continual;

/**
 * Self-distillation (learning without forgetting, Li and Hoiem 2016; dark experience replay, Buzzega et al. 2020): to the mean
 * cross-entropy of a batch, the mean over the learned tokens of its replayed sequences of
 * weight * KL(teacher || candidate) = weight * sum over the vocabulary of p (log p - log q) is added, so that not the replayed answer
 * alone is kept but what the teacher thought of all the others. The teacher of earlier items is the parent. That of general items
 * and of neighbours is the bare base: held to the parent, what an update loses of them would be lost for all that follow. The two
 * weigh on their own: a domain's facts change and must be let go of, what is general must not.
 *
 * <p>Costs a forward pass of the teacher over what is replayed.
 *
 * @param weight of earlier items, 0 for none
 * @param general of general items, 0 for none
 */
public record SelfDistillation(double weight, double general) {
    public static final SelfDistillation NONE = new SelfDistillation(0, 0);

    public SelfDistillation {
        ContinualPlan.atLeast("distillation", weight, 0);
        ContinualPlan.atLeast("general distillation", general, 0);
    }
}
