package dev.perennial.intake;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.VersionId;
import java.util.Optional;

/**
 * What became of one piece of feedback.
 *
 * @param exampleId the example that its correction became
 * @param duplicate whether that example was known already
 */
public record FeedbackReceipt(
        String id, DomainId domain, VersionId version, Optional<String> exampleId, boolean duplicate) {}
