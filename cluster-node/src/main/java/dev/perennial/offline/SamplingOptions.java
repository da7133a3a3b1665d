package dev.perennial.offline;

import dev.perennial.learning.Decoder;
import dev.perennial.learning.GenerationDefaults;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.dataset.JsonRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How tokens are chosen: greedily where nothing is said, or as the model's {@code generation_config.json} says. */
final class SamplingOptions {
    private static final int MAX_TOKENS = 128;
    private static final GenerationDefaults PLAIN = new GenerationDefaults(0, 1, 0, OptionalInt.empty());

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Most tokens to write (default: 128; fewer where the context ends).")
    private @Nullable Integer maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            description = "0 writes the most probable token each time (default: 0).")
    private @Nullable Double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Share of probability that is sampled from (default: 1).")
    private @Nullable Double topP;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            description = "How many of the most probable tokens are sampled from (default: 0, which is all).")
    private @Nullable Integer topK;

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

    @Option(
            names = "--model-defaults",
            description = "Takes what is not given here from the model's generation_config.json.")
    private boolean modelDefaults;

    private GenerationDefaults defaults = PLAIN;

    /** Reads the model's own defaults where they are asked for. */
    void complete(Path model) {
        if (modelDefaults) {
            defaults = GenerationDefaults.read(model);
        }
    }

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
            return settings(mostTokens(), heat(), seed);
        } catch (LearningException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** What a row says, and the options where it says nothing. */
    Decoder.Settings settings(JsonRow row, long index) {
        long most = row.integer("max_tokens").orElse((long) mostTokens());
        return settings(
                (int) Math.max(-1, Math.min(Integer.MAX_VALUE, most)),
                row.number("temperature").orElse(heat()),
                row.integer("seed").orElse(seed + index));
    }

    private int mostTokens() {
        return maxTokens == null ? defaults.maxNewTokens().orElse(MAX_TOKENS) : maxTokens;
    }

    private double heat() {
        return temperature == null ? defaults.temperature() : temperature;
    }

    private Decoder.Settings settings(int most, double heat, long start) {
        return new Decoder.Settings(
                most,
                heat,
                topP == null ? defaults.topP() : topP,
                topK == null ? defaults.topK() : topK,
                start,
                // below 0 is the decoder's word for none, here it is an error
                alternatives == null ? -1 : alternatives < 0 ? Integer.MIN_VALUE : alternatives);
    }
}
