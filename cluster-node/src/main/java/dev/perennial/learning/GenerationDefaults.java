package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * How a model's makers sample from it, from {@code generation_config.json}.
 *
 * @param temperature at least 0; 0, which is greedy, where the file does not say {@code do_sample}
 * @param topP share of probability that is sampled from, above 0 and at most 1
 * @param topK how many tokens are sampled from; 0 is all
 * @param maxNewTokens most tokens to write, where the file says so
 */
public record GenerationDefaults(double temperature, double topP, int topK, OptionalInt maxNewTokens) {
    /**
     * As transformers generates with the file.
     *
     * @throws LearningException where a value is out of its range
     */
    public static GenerationDefaults read(Path directory) {
        Path file = directory.resolve("generation_config.json");
        JsonNode config = SpecialTokens.readJson(file);
        boolean sample = config.path("do_sample").asBoolean(false);
        double temperature = sample ? number(file, config, "temperature", 1, 0, 100) : 0;
        double topP = number(file, config, "top_p", 1, Double.MIN_VALUE, 1);
        // transformers samples from 50 tokens where a file says nothing.
        int topK = (int) number(file, config, "top_k", sample ? 50 : 0, 0, Integer.MAX_VALUE);
        double most = number(file, config, "max_new_tokens", 0, 0, Integer.MAX_VALUE);
        return new GenerationDefaults(
                temperature, topP, topK, most > 0 ? OptionalInt.of((int) most) : OptionalInt.empty());
    }

    /**
     * As a server of completions takes the file: what it states of sampling, and where it says nothing a temperature of 1 and all
     * tokens, as OpenAI's API has it. {@code do_sample} is not looked at, for whoever calls a server expects samples.
     *
     * @throws LearningException where a value is out of its range
     */
    static GenerationDefaults forServing(Path directory) {
        Path file = directory.resolve("generation_config.json");
        JsonNode config = SpecialTokens.readJson(file);
        return new GenerationDefaults(
                number(file, config, "temperature", 1, 0, 100),
                number(file, config, "top_p", 1, Double.MIN_VALUE, 1),
                (int) number(file, config, "top_k", 0, 0, Integer.MAX_VALUE),
                OptionalInt.empty());
    }

    private static double number(Path file, JsonNode config, String name, double otherwise, double least, double most) {
        JsonNode value = config.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        } else if (!value.isNumber() || value.asDouble() < least || value.asDouble() > most) {
            throw new LearningException(
                    file + ": " + name + " is a number from " + least + " to " + most + ", got " + value);
        }
        return value.asDouble();
    }
}
