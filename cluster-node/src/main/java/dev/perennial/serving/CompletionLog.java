package dev.perennial.serving;

import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Remembers what was served, so that feedback finds it. */
public interface CompletionLog {
    /**
     * Completes when the record is durable.
     *
     * @param version empty for the bare base
     * @param whole false where the answer was broken off before its end
     */
    CompletionStage<?> record(
            String completionId,
            Optional<VersionId> version,
            GenerationRequest request,
            String answer,
            boolean whole,
            Instant at);
}
