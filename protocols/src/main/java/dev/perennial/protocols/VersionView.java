package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Optional;

/**
 * A version as the API shows it.
 *
 * @param fisher as {@link Candidate#fisher}
 */
public record VersionView(
        VersionId id,
        VersionId parent,
        UpdateId update,
        boolean live,
        Status status,
        String artifact,
        Manifest manifest,
        Optional<GateReport> gate,
        Optional<String> fisher,
        Instant createdAt) {
    /** Whether the gate let the version through. */
    public enum Status {
        @JsonProperty("accepted")
        ACCEPTED,
        @JsonProperty("rejected")
        REJECTED
    }
}
