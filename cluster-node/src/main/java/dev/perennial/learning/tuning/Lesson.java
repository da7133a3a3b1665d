package dev.perennial.learning.tuning;

import dev.perennial.learning.Sequence;

/** One thing to learn, whatever its loss is. */
public sealed interface Lesson permits Lesson.Likely, DirectPreference.Item, KahnemanTversky.Item {
    /** A sequence that is made likely. */
    record Likely(Sequence sequence, Kind kind) implements Lesson {}

    /** Whose answers to a sequence are also kept to, where the objective says so. */
    enum Kind {
        /** Nobody's: it is new. */
        FRESH,
        /** The reference's: it was learned earlier. */
        REPLAYED,
        /** The bare base's, which could answer it before any update. */
        ANCHORED
    }
}
