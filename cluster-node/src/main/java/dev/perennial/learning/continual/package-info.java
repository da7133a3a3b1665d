/**
 * Learning without forgetting: one update after another on one adapter, by methods that are freely combined.
 *
 * <p>{@link dev.perennial.learning.continual.ContinualPlan} says what an update does and
 * {@link dev.perennial.learning.continual.ContinualUpdate} does it, for the trainer and for experiments alike.
 */
@NullMarked
package dev.perennial.learning.continual;

import org.jspecify.annotations.NullMarked;
