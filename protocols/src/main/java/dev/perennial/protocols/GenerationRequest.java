package dev.perennial.protocols;

import java.util.List;
import java.util.Optional;

/**
 * One completion to generate. Exactly one of messages and prompt is given.
 *
 * @param model {@code base}, {@code DOMAIN} for its live version, or {@code DOMAIN@N}
 * @param messages a conversation, rendered by the base's chat template; empty where there is a prompt
 * @param prompt plain text to go on with
 * @param maxTokens most tokens to generate, at least 1; the context length bounds it further
 * @param temperature 0 to 2; 0 is greedy
 * @param topP 0 to 1; share of probability that is sampled from
 * @param seed of sampling; without one it is drawn
 * @param stop texts that end the completion and are not part of it, at most 4
 */
public record GenerationRequest(
        String model,
        List<Example.Message> messages,
        Optional<String> prompt,
        int maxTokens,
        double temperature,
        double topP,
        Optional<Long> seed,
        List<String> stop) {
    public GenerationRequest {
        messages = List.copyOf(messages);
        stop = List.copyOf(stop);
    }
}
