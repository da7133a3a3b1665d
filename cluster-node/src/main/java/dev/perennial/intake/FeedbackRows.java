package dev.perennial.intake;

import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Where feedback is kept, also that which brings no example. Putting a row again changes nothing. */
public interface FeedbackRows {
    /** Completes when the row is durable. */
    CompletionStage<?> put(Row row);

    /**
     * @param id made from the content, so that feedback sent twice is one
     * @param rating {@code up} or {@code down}
     */
    record Row(
            String id,
            String completionId,
            VersionId version,
            String rating,
            Optional<String> correction,
            Optional<String> comment,
            Optional<String> exampleId,
            Instant receivedAt) {}
}
