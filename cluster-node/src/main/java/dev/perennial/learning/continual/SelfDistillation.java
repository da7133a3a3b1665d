package dev.perennial.learning.continual;

/**
 * Self-distillation (learning without forgetting, Li and Hoiem 2016; dark experience replay, Buzzega et al. 2020): to the mean
 * cross-entropy of a batch, weight * mean over the learned tokens of its replayed sequences of
 * KL(teacher || candidate) = sum over the vocabulary of p (log p - log q) is added, so that not the replayed answer alone is kept but
 * what the teacher thought of all the others. The teacher of earlier items is the parent. That of general items is the bare base:
 * held to the parent, what an update loses of them would be lost for all that follow.
 *
 * <p>Costs a forward pass of the teacher over what is replayed.
 *
 * @param weight 0 for none
 */
public record SelfDistillation(double weight) {
    public static final SelfDistillation NONE = new SelfDistillation(0);

    public SelfDistillation {
        ContinualPlan.atLeast("distillation", weight, 0);
    }
}
