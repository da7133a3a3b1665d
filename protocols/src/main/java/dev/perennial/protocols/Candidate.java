package dev.perennial.protocols;

import java.util.List;
import java.util.Objects;

/**
 * @param artifact content id of the adapter's archive in the artifact store
 * @param measurements of the examples that were trained on, as far as they were made
 * @param conflicts groups of ids of new examples that contradict each other, none of which was trained on
 */
public record Candidate(
        String artifact,
        Manifest manifest,
        Evaluation evaluation,
        List<Measurement> measurements,
        List<List<String>> conflicts) {
    public Candidate {
        measurements = List.copyOf(Objects.requireNonNullElse(measurements, List.of()));
        conflicts = Objects.requireNonNullElse(conflicts, List.<List<String>>of()).stream()
                .map(List::copyOf)
                .toList();
    }

    /** A candidate of whose examples nothing was measured, and none of which contradict each other. */
    public Candidate(String artifact, Manifest manifest, Evaluation evaluation) {
        this(artifact, manifest, evaluation, List.of(), List.of());
    }
}
