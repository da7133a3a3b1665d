package dev.perennial.protocols;

import java.util.List;
import java.util.Optional;

/**
 * Completions of one prompt to generate. Exactly one of messages and prompt is given.
 *
 * @param model {@code base}, {@code DOMAIN} for its live version, or {@code DOMAIN@N}
 * @param messages a conversation, rendered by the base's chat template; empty where there is a prompt
 * @param prompt plain text to go on with
 * @param maxTokens most tokens to generate in each choice, at least 1; the context length bounds it further
 * @param temperature 0 to 2; 0 is greedy; empty for the base's own default, as for the next and for topK
 * @param topP 0 to 1; share of probability that is sampled from; 0 is the most probable token alone
 * @param seed of sampling; without one it is drawn
 * @param stop texts that end the completion and are not part of it, at most 4
 * @param topK how many of the most probable tokens are sampled from; 0 is all
 * @param choices how many completions, at least 1. Choice k, from 0, is the completion of the same request for one choice
 *     with the seed {@code seed + k}
 * @param logprobs empty where no log-probabilities are wanted; else how many of the most probable tokens are told beside
 *     each written one, at least 0
 */
public record GenerationRequest(
        String model,
        List<Example.Message> messages,
        Optional<String> prompt,
        int maxTokens,
        Optional<Double> temperature,
        Optional<Double> topP,
        Optional<Long> seed,
        List<String> stop,
        Optional<Integer> topK,
        int choices,
        Optional<Integer> logprobs) {
    public GenerationRequest {
        messages = List.copyOf(messages);
        stop = List.copyOf(stop);
        // What was written before there were choices has none of them.
        choices = choices == 0 ? 1 : choices;
    }
}
