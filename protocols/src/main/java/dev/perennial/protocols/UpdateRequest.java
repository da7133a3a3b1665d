package dev.perennial.protocols;

import java.time.Instant;
import java.util.Optional;

/**
 * "Make this domain better", as the domain journals it and the scheduler ranks it.
 *
 * @param importance 0 to 1
 * @param method the training method, or empty for the policy's
 * @param examples how many new examples wait to be learned
 */
public record UpdateRequest(
        UpdateId id,
        UpdateKind kind,
        double importance,
        Optional<Instant> deadline,
        Optional<String> method,
        int examples,
        Instant requestedAt) {}
