package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The shape of a decoder of the Llama family (Llama, SmolLM2, TinyLlama, Mistral, Qwen2, Qwen3), as {@code config.json} gives
 * it.
 *
 * @param vocabulary V, entries of the embedding
 * @param hidden D, width of the residual stream
 * @param intermediate width inside the MLP
 * @param layers number of decoder layers
 * @param heads H, query heads
 * @param kvHeads K, key/value heads; H is a multiple of it
 * @param headWidth E, width of one head
 * @param epsilon of the RMS norms
 * @param rotary angles of the position embedding
 * @param context longest sequence in tokens
 * @param tied whether the vocabulary head is the embedding
 * @param inputBiases whether the projections to query, key and value have biases
 * @param outputBias whether the projection out of attention has a bias
 * @param headNorms whether query and key heads are normalised
 * @param windows [layers] how many tokens back attention reaches in each layer, itself included; 0 is all
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
        RotaryFrequencies rotary,
        int context,
        boolean tied,
        boolean inputBiases,
        boolean outputBias,
        boolean headNorms,
        List<Integer> windows) {
    private static final Set<String> SUPPORTED =
            new TreeSet<>(List.of("LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM"));
    private static final int LARGEST = 1 << 24;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The seven linear projections of a layer, in the order of the scripts. */
    public static final List<String> PROJECTIONS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    public ModelShape {
        windows = List.copyOf(windows);
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

    /** A Llama of this size with untrained weights: plain rotary frequencies, no biases. */
    public static ModelShape llama(
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
        return new ModelShape(
                vocabulary,
                hidden,
                intermediate,
                layers,
                heads,
                kvHeads,
                headWidth,
                epsilon,
                RotaryFrequencies.plain(ropeTheta, headWidth),
                context,
                tied,
                false,
                false,
                false,
                Collections.nCopies(layers, 0));
    }

    /** Reads and checks {@code config.json}; refuses what the engine would compute wrongly, by name. */
    public static ModelShape read(Path file) {
        JsonNode config = config(file);
        List<String> unsupported = unsupported(config, file);
        if (!unsupported.isEmpty()) {
            throw new LearningException(String.join("; ", unsupported));
        }
        String architecture = config.path("architectures").path(0).asText();
        int hidden = integer(config, "hidden_size", file);
        int heads = integer(config, "num_attention_heads", file);
        int layers = integer(config, "num_hidden_layers", file);
        bound("num_hidden_layers", layers);
        int width = config.hasNonNull("head_dim")
                ? integer(config, "head_dim", file)
                : architecture.equals("Qwen3ForCausalLM") ? 128 : hidden / Math.max(1, heads);
        bound("head_dim", width);
        int context = config.path("max_position_embeddings").asInt(2048);
        boolean biases = config.path("attention_bias").asBoolean(false);
        boolean qwen2 = architecture.equals("Qwen2ForCausalLM");
        return new ModelShape(
                integer(config, "vocab_size", file),
                hidden,
                integer(config, "intermediate_size", file),
                layers,
                heads,
                config.hasNonNull("num_key_value_heads") ? integer(config, "num_key_value_heads", file) : heads,
                width,
                config.path("rms_norm_eps").asDouble(1e-6),
                RotaryFrequencies.read(config, width, context, file),
                context,
                config.path("tie_word_embeddings").asBoolean(false),
                qwen2 || biases,
                !qwen2 && biases,
                architecture.equals("Qwen3ForCausalLM"),
                windows(config, architecture, layers, file));
    }

    /** Mistral's window spans all layers; Qwen's only those that {@code layer_types} or {@code max_window_layers} say. */
    private static List<Integer> windows(JsonNode config, String architecture, int layers, Path file) {
        boolean qwen = architecture.startsWith("Qwen");
        boolean on = qwen ? config.path("use_sliding_window").asBoolean(false) : architecture.startsWith("Mistral");
        JsonNode window = config.path("sliding_window");
        if (!on || window.isNull() || window.isMissingNode()) {
            return Collections.nCopies(layers, 0);
        }
        int reach = integer(config, "sliding_window", file);
        bound("sliding_window", reach);
        JsonNode types = config.path("layer_types");
        if (types.isArray() && types.size() != layers) {
            throw new LearningException(
                    file + ": layer_types has " + types.size() + " entries for " + layers + " layers");
        }
        int from = qwen ? config.path("max_window_layers").asInt(28) : 0;
        List<Integer> windows = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            String type = types.path(layer).asText(layer >= from ? "sliding_attention" : "full_attention");
            windows.add(
                    switch (type) {
                        case "sliding_attention" -> reach;
                        case "full_attention" -> 0;
                        default ->
                            throw new LearningException("unsupported layer type '" + type + "' in " + file
                                    + "; supported: full_attention, sliding_attention");
                    });
        }
        return windows;
    }

    /** Everything for which {@link #read} refuses a configuration; empty where it takes it. */
    static List<String> problems(Path file) {
        JsonNode config = config(file);
        Set<String> problems = new LinkedHashSet<>(unsupported(config, file));
        String architecture = config.path("architectures").path(0).asText();
        int context = config.path("max_position_embeddings").asInt(2048);
        int layers =
                Math.min(LARGEST, Math.max(1, config.path("num_hidden_layers").asInt(1)));
        // the angles are of no consequence here
        for (Runnable part : List.<Runnable>of(
                () -> RotaryFrequencies.read(config, 2, context, file),
                () -> windows(config, architecture, layers, file),
                () -> read(file))) {
            try {
                part.run();
            } catch (LearningException e) {
                if (problems.stream().noneMatch(String.valueOf(e.getMessage())::contains)) {
                    problems.add(String.valueOf(e.getMessage()));
                }
            }
        }
        return List.copyOf(problems);
    }

    private static JsonNode config(Path file) {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new LearningException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static List<String> unsupported(JsonNode config, Path file) {
        List<String> found = new ArrayList<>();
        Set<String> architectures = new TreeSet<>();
        config.path("architectures").forEach(name -> architectures.add(name.asText()));
        if (architectures.size() != 1 || !SUPPORTED.containsAll(architectures)) {
            found.add("unsupported architecture "
                    + (architectures.isEmpty() ? "(none named)" : String.join(", ", architectures)) + " in " + file
                    + "; supported: " + String.join(", ", SUPPORTED));
        }
        String activation = config.path("hidden_act").asText("silu");
        if (!activation.equals("silu")) {
            found.add("unsupported hidden_act '" + activation + "' in " + file + "; supported: silu");
        }
        if (config.path("mlp_bias").asBoolean(false)) {
            found.add("unsupported mlp_bias: true in " + file + "; supported: false");
        }
        for (String key : List.of("auto_map", "quantization_config")) {
            if (config.hasNonNull(key)) {
                found.add("unsupported " + key + " in " + file
                        + ": a base model is plain weights, without code of its own and not quantised");
            }
        }
        return found;
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

    /** The {@code config.json} of a shape that {@link #llama} made. */
    public String toConfigJson(int beginToken, int endToken, int padToken) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of("LlamaForCausalLM"));
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
        config.put("rope_theta", rotary.theta());
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
        attributes.put("rope_factor", rotary.factor());
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
