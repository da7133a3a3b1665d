package dev.perennial.persistence;

import java.time.Instant;
import java.util.Optional;

/**
 * One piece of feedback as stored.
 *
 * @param id made from the content, so that the same feedback is one row
 * @param version as in {@code domain@n}
 */
public record StoredFeedback(
        String id,
        String domain,
        String completionId,
        String version,
        String rating,
        Optional<String> correction,
        Optional<String> comment,
        Optional<String> exampleId,
        Instant receivedAt) {}
