package dev.perennial.intake;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Finds what was served. */
public interface CompletionLookup {
    /** Empty where no such completion was served, or it is no longer kept. */
    CompletionStage<Optional<ServedCompletion>> find(String completionId);
}
