package dev.perennial.persistence;

import java.time.Instant;

/**
 * One answer that was served, kept so that feedback on it inherits its domain and version.
 *
 * @param version as in {@code domain@n}, or {@code base}
 * @param servedAt kept to the millisecond
 */
public record ServedCompletion(
        String id, String domain, String version, String requestJson, String responseText, Instant servedAt) {}
