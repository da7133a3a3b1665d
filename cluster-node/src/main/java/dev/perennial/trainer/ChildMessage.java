package dev.perennial.trainer;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.perennial.protocols.Progress;

/** What a training process says to its node, a line of JSON each. The node answers with the lines {@code pause} and {@code cancel}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "says")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ChildMessage.Advanced.class, name = "advanced"),
    @JsonSubTypes.Type(value = ChildMessage.Saved.class, name = "saved"),
    @JsonSubTypes.Type(value = ChildMessage.Silent.class, name = "silent"),
    @JsonSubTypes.Type(value = ChildMessage.Done.class, name = "done"),
    @JsonSubTypes.Type(value = ChildMessage.Stopped.class, name = "stopped")
})
sealed interface ChildMessage {
    record Advanced(Progress progress) implements ChildMessage {}

    /** @param file name of a checkpoint in the directory; the node's from now on */
    record Saved(String file, int step) implements ChildMessage {}

    /** Said every second: how long ago the native part gave a sign of life. */
    record Silent(long millis) implements ChildMessage {}

    /** What the update came to lies in the directory. */
    record Done() implements ChildMessage {}

    /** Why it came to nothing. */
    record Stopped(Kind kind, String reason, int step) implements ChildMessage {}

    enum Kind {
        PAUSED,
        CANCELLED,
        FAILED
    }
}
