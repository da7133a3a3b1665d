/**
 * The one loop that trains adapters, for the trainer and for {@code perennial train}.
 *
 * <p>{@link dev.perennial.learning.tuning.FineTuning} is the loop; a {@link dev.perennial.learning.tuning.BatchSource} says
 * what each step learns, and {@link dev.perennial.learning.tuning.TuningData} is the one of data files.
 */
@NullMarked
package dev.perennial.learning.tuning;

import org.jspecify.annotations.NullMarked;
