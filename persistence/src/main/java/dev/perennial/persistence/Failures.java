package dev.perennial.persistence;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What made a stage fail. */
public final class Failures {
    private Failures() {}

    /** The failure itself, which a stage that depends on the one that failed hands on in a wrapping. */
    public static @Nullable Throwable cause(Throwable failure) {
        return failure instanceof CompletionException ? failure.getCause() : failure;
    }
}
