package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The shape of a Llama-family decoder, as {@code config.json} gives it.
 *
 * @param vocabulary V, entries of the embedding
 * @param hidden D, width of the residual stream
 * @param intermediate width inside the MLP
 * @param layers number of decoder layers
 * @param heads H, query heads
 * @param kvHeads K, key/value heads; H is a multiple of it
 * @param headWidth E, width of one head
 * @param epsilon of the RMS norms
 * @param ropeTheta base of the rotary frequencies
 * @param context longest sequence in tokens
 * @param tied whether the vocabulary head is the embedding
 */
public record ModelShape(
        int vocabulary,
        int hidden,
        int intermediate,
        int layers,
        int heads,
        int kvHeads,
        int headWidth,
        double epsilon,
        double ropeTheta,
        int context,
        boolean tied) {
    private static final String SUPPORTED = "LlamaForCausalLM";
    private static final int LARGEST = 1 << 24;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The seven linear projections of a layer, in the order of the scripts. */
    static final List<String> PROJECTIONS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    public ModelShape {
        bound("vocab_size", vocabulary);
        bound("hidden_size", hidden);
        bound("intermediate_size", intermediate);
        bound("num_hidden_layers", layers);
        bound("num_attention_heads", heads);
        bound("num_key_value_heads", kvHeads);
        bound("head_dim", headWidth);
        bound("max_position_embeddings", context);
        if (heads % kvHeads != 0 || headWidth % 2 != 0) {
            throw new LearningException("config.json: num_attention_heads must be a multiple of num_key_value_heads and"
                    + " head_dim even; got " + heads + ", " + kvHeads + ", " + headWidth);
        }
    }

    /** Reads and checks {@code config.json}; refuses what the engine would compute wrongly, by name. */
    public static ModelShape read(Path file) {
        JsonNode config;
        try {
            config = JSON.readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new LearningException("cannot read " + file + ": " + e.getMessage(), e);
        }
        refuseUnsupported(config, file);
        int hidden = integer(config, "hidden_size", file);
        int heads = integer(config, "num_attention_heads", file);
        return new ModelShape(
                integer(config, "vocab_size", file),
                hidden,
                integer(config, "intermediate_size", file),
                integer(config, "num_hidden_layers", file),
                heads,
                config.hasNonNull("num_key_value_heads") ? integer(config, "num_key_value_heads", file) : heads,
                config.hasNonNull("head_dim") ? integer(config, "head_dim", file) : hidden / Math.max(1, heads),
                config.path("rms_norm_eps").asDouble(1e-6),
                ropeTheta(config),
                config.path("max_position_embeddings").asInt(2048),
                config.path("tie_word_embeddings").asBoolean(false));
    }

    private static double ropeTheta(JsonNode config) {
        JsonNode newer = config.path("rope_parameters").path("rope_theta");
        return newer.isNumber() ? newer.asDouble() : config.path("rope_theta").asDouble(10_000);
    }

    private static void refuseUnsupported(JsonNode config, Path file) {
        Set<String> architectures = new TreeSet<>();
        config.path("architectures").forEach(name -> architectures.add(name.asText()));
        if (!architectures.equals(Set.of(SUPPORTED))) {
            throw new LearningException("unsupported architecture "
                    + (architectures.isEmpty() ? "(none named)" : String.join(", ", architectures)) + " in " + file
                    + "; supported: " + SUPPORTED);
        }
        for (String key : List.of("rope_scaling", "rope_parameters")) {
            JsonNode scaling = config.path(key);
            String type = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
            if (!type.equals("default")) {
                throw new LearningException(
                        "unsupported " + key + " '" + type + "' in " + file + "; supported: default");
            }
        }
        String activation = config.path("hidden_act").asText("silu");
        if (!activation.equals("silu")) {
            throw new LearningException("unsupported hidden_act '" + activation + "' in " + file + "; supported: silu");
        }
        for (String key : List.of("attention_bias", "mlp_bias")) {
            if (config.path(key).asBoolean(false)) {
                throw new LearningException("unsupported " + key + ": true in " + file + "; supported: false");
            }
        }
        for (String key : List.of("auto_map", "quantization_config")) {
            if (config.hasNonNull(key)) {
                throw new LearningException("unsupported " + key + " in " + file
                        + ": a base model is plain weights, without code of its own and not quantised");
            }
        }
    }

    private static int integer(JsonNode config, String key, Path file) {
        JsonNode value = config.path(key);
        if (!value.isInt()) {
            throw new LearningException(file + ": expected an integer '" + key + "'; got "
                    + (value.isMissingNode() ? "nothing" : value.toString()));
        }
        return value.asInt();
    }

    private static void bound(String key, int value) {
        if (value < 1 || value > LARGEST) {
            throw new LearningException("config.json: " + key + " must be 1 to " + LARGEST + "; got " + value);
        }
    }

    /** The {@code config.json} of this shape. */
    public String toConfigJson(int beginToken, int endToken, int padToken) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of(SUPPORTED));
        config.put("model_type", "llama");
        config.put("vocab_size", vocabulary);
        config.put("hidden_size", hidden);
        config.put("intermediate_size", intermediate);
        config.put("num_hidden_layers", layers);
        config.put("num_attention_heads", heads);
        config.put("num_key_value_heads", kvHeads);
        config.put("head_dim", headWidth);
        config.put("hidden_act", "silu");
        config.put("rms_norm_eps", epsilon);
        config.put("rope_theta", ropeTheta);
        config.put("max_position_embeddings", context);
        config.put("tie_word_embeddings", tied);
        config.put("attention_bias", false);
        config.put("mlp_bias", false);
        config.put("torch_dtype", "float32");
        config.put("bos_token_id", beginToken);
        config.put("eos_token_id", endToken);
        config.put("pad_token_id", padToken);
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Attributes of the TorchScript module. */
    Map<String, Number> attributes() {
        Map<String, Number> attributes = new LinkedHashMap<>();
        attributes.put("hidden", hidden);
        attributes.put("layers", layers);
        attributes.put("heads", heads);
        attributes.put("kv_heads", kvHeads);
        attributes.put("head_width", headWidth);
        attributes.put("epsilon", epsilon);
        return attributes;
    }

    /** Output and input width of a projection, by its place in {@link #PROJECTIONS}. */
    int[] projectionSize(int projection) {
        int query = heads * headWidth;
        int key = kvHeads * headWidth;
        return switch (projection) {
            case 0 -> new int[] {query, hidden};
            case 1, 2 -> new int[] {key, hidden};
            case 3 -> new int[] {hidden, query};
            case 4, 5 -> new int[] {intermediate, hidden};
            case 6 -> new int[] {hidden, intermediate};
            default -> throw new AssertionError(projection);
        };
    }

    /** Whether a projection belongs to the attention block; the others belong to the MLP. */
    static String block(int projection) {
        return projection < 4 ? "self_attn" : "mlp";
    }
}
