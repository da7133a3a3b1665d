package dev.perennial.protocols;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * @param artifact content id of the adapter's archive in the artifact store
 * @param measurements of the examples that were trained on, as far as they were made
 * @param fisher content id of what the next update by elastic weight consolidation needs to know; empty where the method
 *     has none
 * @param conflicts new examples that were set aside and not learned, as they answer one prompt differently: their ids, a list
 *     for each prompt
 * @param outliers ids of new examples that were set aside and not learned, as nothing explains them
 */
public record Candidate(
        String artifact,
        Manifest manifest,
        Evaluation evaluation,
        List<Measurement> measurements,
        Optional<String> fisher,
        List<List<String>> conflicts,
        List<String> outliers) {
    public Candidate {
        measurements = List.copyOf(Objects.requireNonNullElse(measurements, List.of()));
        fisher = Objects.requireNonNullElse(fisher, Optional.empty());
        conflicts = Objects.requireNonNullElse(conflicts, List.<List<String>>of()).stream()
                .map(List::copyOf)
                .toList();
        outliers = List.copyOf(Objects.requireNonNullElse(outliers, List.of()));
    }

    /** A candidate that leaves nothing for the next update. */
    public Candidate(
            String artifact,
            Manifest manifest,
            Evaluation evaluation,
            List<Measurement> measurements,
            List<List<String>> conflicts) {
        this(artifact, manifest, evaluation, measurements, Optional.empty(), conflicts, List.of());
    }

    /** A candidate of whose examples nothing was measured, and none of which contradict each other. */
    public Candidate(String artifact, Manifest manifest, Evaluation evaluation) {
        this(artifact, manifest, evaluation, List.of(), List.of());
    }
}
