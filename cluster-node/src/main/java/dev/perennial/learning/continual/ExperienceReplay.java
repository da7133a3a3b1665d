package dev.perennial.learning.continual;

import dev.perennial.learning.LearningException;

/**
 * Experience replay (Rolnick et al. 2019): of each batch of n sequences, {@code share} n are from earlier updates and
 * {@code generalShare} n from what the base could do before any ({@link OwnAnswers} has it say itself what that is), {@code
 * neighbourShare} n from what the base is sure of beside what is new ({@link Neighbours}). {@link Mixture} draws them.
 *
 * <p>Costs that part of the steps, and the data kept.
 *
 * @param share part of each batch that is replayed from earlier items, 0 for none
 * @param generalShare part of each batch that is replayed from general items, 0 for none
 * @param neighbourShare part of each batch that is replayed from neighbours of the new items, 0 for none. A pool that is empty
 *     leaves its part to the general ones, and where there are none to the earlier ones
 */
public record ExperienceReplay(double share, double generalShare, double neighbourShare) {
    public static final ExperienceReplay NONE = new ExperienceReplay(0, 0, 0);

    public ExperienceReplay {
        ContinualPlan.atLeast("replayed share", share, 0);
        ContinualPlan.atLeast("general share", generalShare, 0);
        ContinualPlan.atLeast("neighbour share", neighbourShare, 0);
        if (share + generalShare + neighbourShare >= 1) {
            throw new LearningException(
                    "the replayed shares leave a part to what is new; got " + (share + generalShare + neighbourShare));
        }
    }

    /** How many of a batch of so many are neighbours, where there are any. */
    int neighbours(int batch) {
        return (int) Math.round(batch * neighbourShare);
    }
}
