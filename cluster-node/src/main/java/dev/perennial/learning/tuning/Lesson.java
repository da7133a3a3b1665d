package dev.perennial.learning.tuning;

import dev.perennial.learning.Sequence;

/** One thing to learn, whatever its loss is. */
public sealed interface Lesson permits Lesson.Likely, DirectPreference.Item, KahnemanTversky.Item {
    /**
     * A sequence that is made likely.
     *
     * @param replayed an earlier one, which is also held to the reference's answers where the objective says so
     */
    record Likely(Sequence sequence, boolean replayed) implements Lesson {}
}
