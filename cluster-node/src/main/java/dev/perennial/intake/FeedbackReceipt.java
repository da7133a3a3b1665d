package dev.perennial.intake;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.VersionId;
import java.util.Optional;

/**
 * What became of one piece of feedback.
 *
 * @param exampleId the example that its correction became or, without one, its rating
 * @param preferenceId the example of the correction being better than what was served
 * @param duplicate whether the first example was known already
 */
public record FeedbackReceipt(
        String id,
        DomainId domain,
        VersionId version,
        Optional<String> exampleId,
        Optional<String> preferenceId,
        boolean duplicate) {}
