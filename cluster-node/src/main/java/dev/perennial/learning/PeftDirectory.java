package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads and writes adapters as Hugging Face PEFT does: {@code adapter_config.json}, {@code adapter_model.safetensors}. */
public final class PeftDirectory {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    /** In the metadata of the weights: PEFT warns of keys in the configuration that it does not know. */
    private static final String DIGEST = "perennial_base_digest";

    private PeftDirectory() {}

    /** Writes an adapter; the base's digest is recorded, so that it is never read onto another base. */
    public static void write(BaseModel base, Adapter adapter, Path directory) {
        LoraSettings settings = adapter.settings()
                .orElseThrow(() -> new LearningException("the bare base is no adapter that could be written"));
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("peft_type", "LORA");
        config.put("task_type", "CAUSAL_LM");
        config.put("base_model_name_or_path", null);
        config.put("r", settings.rank());
        config.put("lora_alpha", settings.alpha());
        config.put("lora_dropout", settings.dropout());
        config.put("bias", "none");
        config.put("fan_in_fan_out", false);
        config.put("inference_mode", true);
        config.put("use_rslora", false);
        config.put("use_dora", false);
        List<String> targets = new ArrayList<>();
        for (int projection = 0; projection < ModelShape.PROJECTIONS.size(); projection++) {
            if (settings.covers(projection)) {
                targets.add(ModelShape.PROJECTIONS.get(projection));
            }
        }
        config.put("target_modules", targets);
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        List<Adapter.Place> places = Adapter.places(base.shape());
        for (int i = 0; i < places.size(); i++) {
            if (settings.covers(places.get(i).projection())) {
                tensors.put(
                        key(places.get(i)),
                        FullTraining.tensor(adapter.tensors().get(i)));
            }
        }
        try {
            Files.createDirectories(directory);
            Files.writeString(
                    directory.resolve(CONFIG),
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
        } catch (IOException e) {
            throw new LearningException("cannot write the adapter to " + directory + ": " + e.getMessage(), e);
        }
        Safetensors.write(directory.resolve(WEIGHTS), tensors, Map.of(DIGEST, base.digest()));
    }

    private static String key(Adapter.Place place) {
        return "base_model.model." + place.module() + (place.down() ? ".lora_A.weight" : ".lora_B.weight");
    }

    /**
     * Reads an adapter for this base.
     *
     * @throws LearningException where it was made for another base, uses what the engine does not compute, or its tensors
     *     are not exactly those that its configuration calls for
     */
    public static Adapter read(BaseModel base, Path directory) {
        JsonNode config;
        try {
            config = JSON.readTree(Files.readAllBytes(directory.resolve(CONFIG)));
        } catch (IOException e) {
            throw new LearningException("cannot read " + directory.resolve(CONFIG) + ": " + e.getMessage(), e);
        }
        refuseUnsupported(config, directory);
        String digest = Safetensors.metadata(directory.resolve(WEIGHTS), DIGEST).orElse(base.digest());
        if (!digest.equals(base.digest())) {
            throw new LearningException("the adapter in " + directory + " was trained on another base: digest " + digest
                    + ", this base has " + base.digest());
        }
        LoraSettings settings = new LoraSettings(
                config.path("r").asInt(),
                config.path("lora_alpha").asDouble(),
                config.path("lora_dropout").asDouble(0),
                targets(config, directory));
        Map<String, Safetensors.Tensor> tensors = Safetensors.read(directory.resolve(WEIGHTS));
        Set<String> unread = new TreeSet<>(tensors.keySet());
        Adapter adapter = Adapter.build(base, settings, (place, rows, columns) -> {
            Safetensors.Tensor tensor = tensors.get(key(place));
            if (tensor == null || !Arrays.equals(tensor.shape(), new long[] {rows, columns})) {
                throw new LearningException(directory.resolve(WEIGHTS) + ": expected " + key(place) + " of shape ["
                        + rows + ", " + columns + "]; got "
                        + (tensor == null ? "no such tensor" : Arrays.toString(tensor.shape())));
            }
            unread.remove(key(place));
            float[] values = new float[rows * columns];
            tensor.data()
                    .duplicate()
                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
            return values;
        });
        if (!unread.isEmpty()) {
            adapter.close();
            throw new LearningException(directory.resolve(WEIGHTS) + " holds tensors that match no layer of the base: "
                    + String.join(", ", unread.stream().limit(3).toList()));
        }
        return adapter;
    }

    private static List<String> targets(JsonNode config, Path directory) {
        JsonNode node = config.path("target_modules");
        List<String> targets = new ArrayList<>();
        if (node.isTextual()) {
            targets.add(node.asText());
        }
        node.forEach(target -> targets.add(target.asText()));
        if (targets.isEmpty()) {
            throw new LearningException(directory.resolve(CONFIG) + " names no target_modules");
        }
        return targets;
    }

    private static void refuseUnsupported(JsonNode config, Path directory) {
        String type = config.path("peft_type").asText();
        if (!type.equals("LORA")) {
            throw new LearningException("unsupported peft_type '" + type + "' in " + directory + "; supported: LORA");
        }
        for (String key : List.of("use_dora", "use_rslora", "use_qalora", "lora_bias", "fan_in_fan_out")) {
            if (config.path(key).asBoolean(false)) {
                throw new LearningException("unsupported " + key + ": true in " + directory + "; supported: false");
            }
        }
        for (String key : List.of(
                "rank_pattern",
                "alpha_pattern",
                "modules_to_save",
                "layers_to_transform",
                "layer_replication",
                "alora_invocation_tokens")) {
            if (config.path(key).size() > 0 || config.path(key).isNumber()) {
                throw new LearningException("unsupported " + key + " in " + directory + "; supported: none");
            }
        }
        // These initialise by changing the base, so that the adapter means something else on the base as it is.
        String begun = config.path("init_lora_weights").asText("true");
        if (!List.of("true", "false", "gaussian").contains(begun)) {
            throw new LearningException("unsupported init_lora_weights '" + begun + "' in " + directory
                    + "; supported: true, false, gaussian");
        }
        String bias = config.path("bias").asText("none");
        if (!bias.equals("none")) {
            throw new LearningException("unsupported bias '" + bias + "' in " + directory + "; supported: none");
        }
    }
}
