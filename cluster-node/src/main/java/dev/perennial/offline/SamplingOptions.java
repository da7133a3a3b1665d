package dev.perennial.offline;

import dev.perennial.learning.Decoder;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.dataset.JsonRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How tokens are chosen. The defaults are greedy; the model's {@code generation_config.json} is not looked at. */
final class SamplingOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Most tokens to write (default: 128; fewer where the context ends).")
    private int maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            defaultValue = "0",
            description = "0 writes the most probable token each time (default: 0).")
    private double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            defaultValue = "1",
            description = "Share of probability that is sampled from (default: 1).")
    private double topP;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            defaultValue = "0",
            description = "How many of the most probable tokens are sampled from (default: 0, which is all).")
    private int topK;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the first row (default: 0); each further row has the next one.")
    private long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "Ends a completion before this text; may be repeated.")
    private List<String> stops = new ArrayList<>();

    @Option(
            names = "--logprobs",
            paramLabel = "N",
            description =
                    "Adds the log-probability of each written token, and the N most probable ones there, 0 to 100.")
    private @Nullable Integer alternatives;

    /** Whether log-probabilities are asked for. */
    boolean scored() {
        return alternatives != null;
    }

    List<String> stops() {
        return stops;
    }

    /** What the options say, for the first row; bad ones are an error of usage. */
    Decoder.Settings settings() {
        try {
            return settings(maxTokens, temperature, seed);
        } catch (LearningException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** What a row says, and the options where it says nothing. */
    Decoder.Settings settings(JsonRow row, long index) {
        long most = row.integer("max_tokens").orElse((long) maxTokens);
        return settings(
                (int) Math.max(-1, Math.min(Integer.MAX_VALUE, most)),
                row.number("temperature").orElse(temperature),
                row.integer("seed").orElse(seed + index));
    }

    private Decoder.Settings settings(int most, double heat, long start) {
        return new Decoder.Settings(
                most, heat, topP, topK, start, alternatives == null ? -1 : Math.max(-2, alternatives));
    }
}
