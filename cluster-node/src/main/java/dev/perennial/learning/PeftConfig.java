package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** {@code adapter_config.json} as PEFT 0.21 reads and writes it; what the engine would compute wrongly is refused by name. */
final class PeftConfig {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LARGEST = 1 << 20;

    private final JsonNode root;

    private PeftConfig(JsonNode root) {
        this.root = root;
    }

    /** @throws LearningException where the file is no configuration of a LoRA that the engine computes */
    static LoraSettings read(Path file) {
        JsonNode root;
        try {
            if (Files.size(file) > LARGEST) {
                throw new LearningException(file + " has " + Files.size(file) + " bytes; expected at most " + LARGEST);
            }
            root = JSON.readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new LearningException("cannot read " + file + ": " + e.getMessage(), e);
        }
        if (!root.isObject()) {
            throw new LearningException(file + ": expected a JSON object; got " + shown(root));
        }
        try {
            PeftConfig config = new PeftConfig(root);
            config.refuseUnsupported();
            return config.settings();
        } catch (LearningException e) {
            throw new LearningException(file + ": " + e.getMessage(), e);
        }
    }

    private LoraSettings settings() {
        return new LoraSettings(
                value("r", JsonNode::isInt, "an integer").asInt(),
                value("lora_alpha", JsonNode::isNumber, "a number").asDouble(),
                root.hasNonNull("lora_dropout")
                        ? value("lora_dropout", JsonNode::isNumber, "a number").asDouble()
                        : 0,
                modules("target_modules").orElseThrow(() -> wrong("target_modules", "names or an expression")),
                modules("exclude_modules"),
                root.path("use_rslora").asBoolean(false),
                new ModulePattern<>(pattern("rank_pattern", JsonNode::isInt, "integers", JsonNode::asInt)),
                new ModulePattern<>(pattern("alpha_pattern", JsonNode::isNumber, "numbers", JsonNode::asDouble)),
                list("layers_to_transform", JsonNode::isInt, "integers", JsonNode::asInt),
                list("layers_pattern", JsonNode::isTextual, "expressions", JsonNode::asText));
    }

    private JsonNode value(String key, Predicate<JsonNode> right, String expected) {
        JsonNode value = root.path(key);
        if (!right.test(value)) {
            throw wrong(key, expected);
        }
        return value;
    }

    /** One string is an expression, a list is names; nothing or an empty list selects nothing. */
    private Optional<ModuleSelection> modules(String key) {
        if (root.path(key).isTextual()) {
            return Optional.of(ModuleSelection.matching(root.path(key).asText()));
        }
        List<String> names = list(key, JsonNode::isTextual, "names", JsonNode::asText);
        return names.isEmpty() ? Optional.empty() : Optional.of(new ModuleSelection.Named(names));
    }

    /** A list, or one value that stands for a list of it; empty where there is nothing. */
    private <V> List<V> list(String key, Predicate<JsonNode> right, String expected, Function<JsonNode, V> read) {
        JsonNode node = root.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return List.of();
        }
        List<V> values = new ArrayList<>();
        for (JsonNode entry : node.isArray() ? node : JSON.createArrayNode().add(node)) {
            if (!right.test(entry)) {
                throw wrong(key, expected);
            }
            values.add(read.apply(entry));
        }
        return values;
    }

    private <V> Map<String, V> pattern(
            String key, Predicate<JsonNode> right, String expected, Function<JsonNode, V> read) {
        JsonNode node = root.path(key);
        if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
            throw wrong(key, "an object of " + expected);
        }
        Map<String, V> entries = new LinkedHashMap<>();
        node.fields().forEachRemaining(field -> {
            if (!right.test(field.getValue())) {
                throw wrong(key, "an object of " + expected);
            }
            entries.put(field.getKey(), read.apply(field.getValue()));
        });
        return entries;
    }

    private LearningException wrong(String key, String expected) {
        return new LearningException("expected " + expected + " as '" + key + "'; got " + shown(root.path(key)));
    }

    private static String shown(JsonNode node) {
        String text = node.isMissingNode() ? "nothing" : node.toString();
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }

    private void refuseUnsupported() {
        supported("peft_type", "", List.of("LORA"));
        supported("task_type", "CAUSAL_LM", List.of("CAUSAL_LM"));
        supported("bias", "none", List.of("none"));
        // the others change the base, so that the adapter means something else on the base as it is
        supported("init_lora_weights", "true", List.of("true", "false", "gaussian", "orthogonal"));
        for (String key : List.of("use_dora", "use_qalora", "lora_bias", "fan_in_fan_out")) {
            if (root.path(key).asBoolean(false)) {
                throw unsupported(key, "false");
            }
        }
        for (String key : List.of(
                "modules_to_save",
                "layer_replication",
                "alora_invocation_tokens",
                "trainable_token_indices",
                "target_parameters",
                "megatron_config",
                "use_bdlora",
                "arrow_config",
                "kasa_config",
                "velora_config",
                "monteclora_config")) {
            JsonNode value = root.path(key);
            if (value.isContainerNode() ? !value.isEmpty() : root.hasNonNull(key)) {
                throw unsupported(key, "none");
            }
        }
    }

    private void supported(String key, String otherwise, List<String> values) {
        String value = root.hasNonNull(key) ? root.path(key).asText(shown(root.path(key))) : otherwise;
        if (!values.contains(value)) {
            throw unsupported(key, String.join(", ", values));
        }
    }

    private LearningException unsupported(String key, String supported) {
        return new LearningException("unsupported " + key + ": " + shown(root.path(key)) + "; supported: " + supported);
    }

    /** The configuration with which PEFT builds the same adapter. */
    static String write(LoraSettings settings) {
        ObjectNode config = JSON.createObjectNode();
        config.put("peft_type", "LORA");
        config.put("task_type", "CAUSAL_LM");
        config.putNull("base_model_name_or_path");
        config.put("r", settings.rank());
        putNumber(config, "lora_alpha", settings.alpha());
        config.put("lora_dropout", settings.dropout());
        config.put("bias", "none");
        config.put("fan_in_fan_out", false);
        config.put("inference_mode", true);
        config.put("use_rslora", settings.rankStabilised());
        config.put("use_dora", false);
        putModules(config, "target_modules", settings.targets());
        settings.excluded().ifPresent(modules -> putModules(config, "exclude_modules", modules));
        if (!settings.layers().isEmpty()) {
            settings.layers().forEach(config.putArray("layers_to_transform")::add);
        }
        if (!settings.layersPattern().isEmpty()) {
            settings.layersPattern().forEach(config.putArray("layers_pattern")::add);
        }
        settings.rankPattern().entries().forEach(config.putObject("rank_pattern")::put);
        ObjectNode alphas = config.putObject("alpha_pattern");
        settings.alphaPattern().entries().forEach((key, alpha) -> putNumber(alphas, key, alpha));
        return config.toPrettyString() + "\n";
    }

    private static void putModules(ObjectNode config, String key, ModuleSelection modules) {
        if (modules instanceof ModuleSelection.Matching matching) {
            config.put(key, matching.expression().toString());
            return;
        }
        // by name, because programs that serve adapters know names, and PEFT does not take layers with all-linear
        ArrayNode names = config.putArray(key);
        List<String> all = modules instanceof ModuleSelection.Named named ? named.names() : ModelShape.PROJECTIONS;
        all.forEach(names::add);
    }

    /** PEFT's alphas are integers, as far as they go. */
    private static void putNumber(ObjectNode node, String key, double value) {
        if (value == Math.rint(value)) {
            node.put(key, (long) value);
        } else {
            node.put(key, value);
        }
    }
}
