package dev.perennial.protocols;

/**
 * @param artifact content id of the adapter's archive in the artifact store
 */
public record Candidate(String artifact, Manifest manifest, Evaluation evaluation) {}
