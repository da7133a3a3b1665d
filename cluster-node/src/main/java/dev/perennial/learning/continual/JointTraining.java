package dev.perennial.learning.continual;

/**
 * A fresh adapter on everything that ever was: theta_t = argmin of the loss on the data of updates 1 to t, begun at the base.
 * Earlier items are learned as new ones are, not replayed. The upper bound of what a method can reach (the
 * multi-task baseline of Caruana 1997, as Lopez-Paz and Ranzato 2017 and others measure against it).
 *
 * <p>Costs an update of all data each time, and all data kept.
 */
public record JointTraining() implements Beginning {}
