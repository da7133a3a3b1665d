package dev.perennial.learning.continual;

/**
 * A fresh adapter on everything that ever was: theta_t = argmin of the loss on the data of updates 1 to t, begun at the base.
 * Earlier items are learned as new ones are, not replayed. The upper bound of what a method can reach.
 *
 * <p>Costs an update of all data each time, and all data kept.
 */
public record JointTraining() implements Beginning {}
