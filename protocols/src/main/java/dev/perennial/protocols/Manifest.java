package dev.perennial.protocols;

import java.util.Map;

/**
 * What is needed to explain a version and to make it again.
 *
 * @param baseDigest SHA-256 over the base's configuration and weights, hex
 * @param dataDigest SHA-256 over the ids of all examples trained on, in training order, hex
 * @param method for instance {@code lora+replay}
 * @param examples number of examples by origin: {@code new}, {@code replayed}, {@code general}
 * @param tokens tokens processed in training, padding left out
 * @param finalLoss mean loss over the last tenth of the steps, nats a token
 */
public record Manifest(
        String baseDigest,
        String dataDigest,
        String method,
        long seed,
        DomainPolicy.Training training,
        Map<String, Integer> examples,
        int steps,
        long tokens,
        double finalLoss,
        double seconds) {
    public Manifest {
        examples = Map.copyOf(examples);
    }
}
