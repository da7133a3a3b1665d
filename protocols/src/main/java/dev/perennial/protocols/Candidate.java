package dev.perennial.protocols;

import java.util.List;
import java.util.Objects;

/**
 * @param artifact content id of the adapter's archive in the artifact store
 * @param measurements of the examples that were trained on, as far as they were made
 */
public record Candidate(String artifact, Manifest manifest, Evaluation evaluation, List<Measurement> measurements) {
    public Candidate {
        measurements = List.copyOf(Objects.requireNonNullElse(measurements, List.of()));
    }

    /** A candidate of whose examples nothing was measured. */
    public Candidate(String artifact, Manifest manifest, Evaluation evaluation) {
        this(artifact, manifest, evaluation, List.of());
    }
}
