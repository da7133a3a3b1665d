package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Angles a token that the rotary position embedding turns each pair of a head's numbers by (Su et al. 2021), scaled as the
 * model was trained: {@code linear} (Chen et al. 2023), {@code llama3} (Llama 3.1's by wavelength), {@code yarn} (Peng et
 * al. 2023).
 *
 * @param theta base of the unscaled angles
 * @param inverse [E / 2] radians a token
 * @param factor what cosines and sines are multiplied with
 */
record RotaryFrequencies(double theta, List<Double> inverse, double factor) {
    RotaryFrequencies {
        inverse = List.copyOf(inverse);
    }

    private static final List<String> KNOWN = List.of("default", "linear", "llama3", "yarn");

    /** Unscaled: theta^(-2i/E). */
    static RotaryFrequencies plain(double theta, int headWidth) {
        return new RotaryFrequencies(
                theta,
                IntStream.range(0, headWidth / 2)
                        .mapToObj(i -> Math.pow(theta, -2.0 * i / headWidth))
                        .toList(),
                1);
    }

    /** Reads {@code rope_parameters}, or the older {@code rope_theta} and {@code rope_scaling}. */
    static RotaryFrequencies read(JsonNode config, int headWidth, int context, Path file) {
        JsonNode newer = config.path("rope_parameters");
        JsonNode scaling = newer.isObject() ? newer : config.path("rope_scaling");
        double theta =
                newer.path("rope_theta").asDouble(config.path("rope_theta").asDouble(10_000));
        if (!(theta > 1 && theta < 1e12)) {
            throw new LearningException(file + ": rope_theta must be above 1; got " + theta);
        }
        double partial = newer.path("partial_rotary_factor")
                .asDouble(config.path("partial_rotary_factor").asDouble(1));
        if (partial != 1) {
            throw new LearningException(
                    "unsupported partial_rotary_factor " + partial + " in " + file + "; supported: 1");
        }
        String type = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
        RotaryFrequencies plain = plain(theta, headWidth);
        return switch (type) {
            case "default" -> plain;
            case "linear" -> plain.linear(number(scaling, "factor", 1, file));
            case "llama3" -> plain.llama3(scaling, context, file);
            case "yarn" -> plain.yarn(scaling, headWidth, config, context, file);
            default ->
                throw new LearningException(
                        "unsupported rope_type '" + type + "' in " + file + "; supported: " + String.join(", ", KNOWN));
        };
    }

    private RotaryFrequencies linear(double by) {
        return scaled(i -> inverse.get(i) / by, 1);
    }

    /** Short waves stay, long ones are stretched by the factor, those between are interpolated. */
    private RotaryFrequencies llama3(JsonNode scaling, int context, Path file) {
        double by = number(scaling, "factor", 1, file);
        double low = number(scaling, "low_freq_factor", 1e-6, file);
        double high = number(scaling, "high_freq_factor", 1e-6, file);
        double original = scaling.path("original_max_position_embeddings").asDouble(context);
        if (high <= low) {
            throw new LearningException(
                    file + ": high_freq_factor must be above low_freq_factor; got " + high + ", " + low);
        }
        return scaled(
                i -> {
                    double angle = inverse.get(i);
                    double wave = 2 * Math.PI / angle;
                    double smooth = Math.min(1, Math.max(0, (original / wave - low) / (high - low)));
                    return (1 - smooth) * angle / by + smooth * angle;
                },
                1);
    }

    private RotaryFrequencies yarn(JsonNode scaling, int headWidth, JsonNode config, int context, Path file) {
        double original = scaling.path("original_max_position_embeddings")
                .asDouble(config.path("original_max_position_embeddings").asDouble(context));
        double by = scaling.hasNonNull("factor") ? number(scaling, "factor", 1, file) : context / original;
        double scale = scaling.path("mscale").asDouble(0);
        double scaleAll = scaling.path("mscale_all_dim").asDouble(0);
        double attention = scaling.path("attention_factor")
                .asDouble(scale > 0 && scaleAll > 0 ? stretch(by, scale) / stretch(by, scaleAll) : stretch(by, 1));
        boolean whole = scaling.path("truncate").asBoolean(true);
        double from = turns(scaling.path("beta_fast").asDouble(32), theta, headWidth, original);
        double to = turns(scaling.path("beta_slow").asDouble(1), theta, headWidth, original);
        from = Math.max(whole ? Math.floor(from) : from, 0);
        to = Math.min(whole ? Math.ceil(to) : to, headWidth - 1);
        to = to == from ? to + 0.001 : to;
        double first = from;
        double last = to;
        return scaled(
                i -> {
                    double stretched = Math.min(1, Math.max(0, (i - first) / (last - first)));
                    return inverse.get(i) / by * stretched + inverse.get(i) * (1 - stretched);
                },
                attention);
    }

    private RotaryFrequencies scaled(IntToDoubleFunction angle, double by) {
        return new RotaryFrequencies(
                theta,
                IntStream.range(0, inverse.size())
                        .mapToObj(angle::applyAsDouble)
                        .toList(),
                by);
    }

    private static double stretch(double by, double scale) {
        return by <= 1 ? 1 : 0.1 * scale * Math.log(by) + 1;
    }

    /** Which pair turns so many times within the original context. */
    private static double turns(double rotations, double theta, int headWidth, double original) {
        return headWidth * Math.log(original / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    private static double number(JsonNode scaling, String key, double least, Path file) {
        double value = scaling.path(key).asDouble(Double.NaN);
        if (!(value >= least && value < 1e9)) {
            throw new LearningException(file + ": rope scaling expects a number '" + key + "' of at least " + least
                    + "; got " + scaling.path(key));
        }
        return value;
    }
}
