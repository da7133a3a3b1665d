package dev.perennial.learning.continual;

import dev.perennial.learning.LearningException;

/**
 * Experience replay (Rolnick et al. 2019): of each batch of n sequences, {@code share} n are from earlier updates and
 * {@code generalShare} n from what the base could do before any ({@link OwnAnswers} has it say itself what that is). {@link Mixture}
 * draws them.
 *
 * <p>Costs that part of the steps, and the data kept.
 *
 * @param share part of each batch that is replayed from earlier items, 0 for none
 * @param generalShare part of each batch that is replayed from general items, 0 for none; a pool that is empty leaves its part to
 *     the other
 */
public record ExperienceReplay(double share, double generalShare) {
    public static final ExperienceReplay NONE = new ExperienceReplay(0, 0);

    public ExperienceReplay {
        ContinualPlan.atLeast("replayed share", share, 0);
        ContinualPlan.atLeast("general share", generalShare, 0);
        if (share + generalShare >= 1) {
            throw new LearningException(
                    "the replayed shares leave a part to what is new; got " + (share + generalShare));
        }
    }
}
