package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Looks at a base model's configuration, the headers of its weights and its tokenizer. */
final class BaseInspection {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> SHAPE = List.of(
            "num_hidden_layers",
            "hidden_size",
            "intermediate_size",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "vocab_size");

    private final Path directory;
    private final JsonNode config;
    private final JsonNode tokenizer;
    private final Inspection.Problems problems = new Inspection.Problems();
    private final Map<String, Object> facts = new LinkedHashMap<>();

    private BaseInspection(Path directory) {
        this.directory = directory;
        this.config = json("config.json");
        this.tokenizer = json("tokenizer.json");
    }

    static Inspection of(Path directory) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("kind", "base model");
        BaseInspection inspection = new BaseInspection(directory);
        inspection.look();
        inspection.problems.tell(all);
        all.putAll(inspection.facts);
        return new Inspection(all, List.of());
    }

    private void look() {
        Path file = directory.resolve("config.json");
        List<String> refused = ModelShape.problems(file);
        refused.forEach(problems::add);
        Optional<ModelShape> shape = refused.isEmpty() ? Optional.of(ModelShape.read(file)) : Optional.empty();
        configuration(shape);
        Optional<List<Path>> weights = problems.attempt(() -> BaseFiles.weights(directory));
        weights.ifPresent(files -> tensors(files, shape));
        tokens();
        facts.put(
                "chat_template",
                Files.isReadable(directory.resolve("chat_template.jinja"))
                        || json("tokenizer_config.json").hasNonNull("chat_template"));
        if (weights.isPresent() && Files.isReadable(directory.resolve("tokenizer.json"))) {
            problems.attempt(() -> BaseFiles.digest(directory, weights.get()))
                    .ifPresent(digest -> facts.put("digest", digest));
        }
        List<String> pickles = BaseFiles.pickles(directory);
        if (!pickles.isEmpty()) {
            facts.put("never_read", pickles);
        }
    }

    private void configuration(Optional<ModelShape> shape) {
        facts.put("architecture", strings(config.path("architectures")));
        for (String key : SHAPE) {
            if (config.hasNonNull(key)) {
                facts.put(key, config.path(key).asLong());
            }
        }
        shape.ifPresent(known -> {
            facts.put("num_key_value_heads", known.kvHeads());
            facts.put("head_dim", known.headWidth());
            facts.put("context", known.context());
            facts.put("tied_embeddings", known.tied());
            facts.put("windows", windows(known.windows()));
            facts.put("rope_theta", known.rotary().theta());
        });
        JsonNode newer = config.path("rope_parameters");
        JsonNode scaling = newer.isObject() ? newer : config.path("rope_scaling");
        facts.put(
                "rope_scaling",
                scaling.isObject() && !scaling.path("rope_type").asText("").equals("default")
                        ? scaling.toString()
                        : "none");
    }

    private static String windows(List<Integer> windows) {
        Set<Integer> different = new HashSet<>(windows);
        if (different.equals(Set.of(0))) {
            return "none";
        }
        long windowed = windows.stream().filter(window -> window > 0).count();
        different.remove(0);
        return different.iterator().next() + " tokens in " + windowed + " of " + windows.size() + " layers";
    }

    private void tensors(List<Path> files, Optional<ModelShape> shape) {
        Map<String, Safetensors.Description> tensors = new TreeMap<>();
        long bytes = 0;
        for (Path file : files) {
            problems.attempt(() -> Safetensors.describe(file)).ifPresent(tensors::putAll);
            bytes += file.toFile().length();
        }
        Map<String, Long> types = new TreeMap<>();
        long parameters = 0;
        for (Safetensors.Description tensor : tensors.values()) {
            types.merge(tensor.type(), tensor.elements(), Long::sum);
            parameters += tensor.elements();
            if (!tensor.problem().isEmpty()) {
                problems.add(tensor.problem());
            }
        }
        facts.put("parameters", parameters);
        facts.put("types", types);
        facts.put("weight_files", files.size());
        facts.put("weight_bytes", bytes);
        shape.ifPresent(known -> expected(known).forEach((name, dimensions) -> {
            Safetensors.Description tensor = tensors.get(name);
            if (tensor == null) {
                problems.add("the weights have no tensor " + name + ", which config.json calls for");
            } else if (tensor.problem().isEmpty() && !Arrays.equals(tensor.shape(), dimensions)) {
                problems.add("tensor " + name + " has the shape " + Arrays.toString(tensor.shape())
                        + "; config.json calls for " + Arrays.toString(dimensions));
            }
        }));
    }

    /** Name and dimensions of every tensor that the engine reads. */
    private static Map<String, long[]> expected(ModelShape shape) {
        Map<String, long[]> expected = new LinkedHashMap<>();
        expected.put("model.embed_tokens.weight", new long[] {shape.vocabulary(), shape.hidden()});
        expected.put("model.norm.weight", new long[] {shape.hidden()});
        if (!shape.tied()) {
            expected.put("lm_head.weight", new long[] {shape.vocabulary(), shape.hidden()});
        }
        for (int layer = 0; layer < shape.layers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            BaseModel.layerWeights(shape).forEach((name, dimensions) -> {
                if (dimensions.length > 0) {
                    expected.put(prefix + name, dimensions);
                }
            });
        }
        return expected;
    }

    private void tokens() {
        if (!Files.isReadable(directory.resolve("tokenizer.json"))) {
            problems.add("base model " + directory + " has no readable tokenizer.json");
            return;
        }
        Set<Long> ids = new HashSet<>();
        Map<Long, String> names = new TreeMap<>();
        for (JsonNode token : tokenizer.path("added_tokens")) {
            names.put(token.path("id").asLong(), token.path("content").asText());
        }
        JsonNode vocabulary = tokenizer.path("model").path("vocab");
        if (vocabulary.isObject()) {
            vocabulary.forEach(id -> ids.add(id.asLong()));
        } else {
            // a list of pieces, each at the place of its id
            for (long id = 0; id < vocabulary.size(); id++) {
                ids.add(id);
            }
        }
        ids.addAll(names.keySet());
        facts.put("tokenizer_vocabulary", ids.size());
        int largest = config.path("vocab_size").asInt(Integer.MAX_VALUE);
        problems.attempt(() -> Tokenizer.open(directory, largest)).ifPresent(open -> {
            try (open) {
                facts.put(
                        "begin_token",
                        open.beginToken().isPresent() ? shown(open.beginToken().getAsInt(), names) : "none");
                facts.put(
                        "end_tokens",
                        open.endTokens().stream().map(id -> shown(id, names)).toList());
                facts.put("pad_token", shown(open.padToken(), names));
            }
        });
    }

    private static String shown(long id, Map<Long, String> names) {
        return names.containsKey(id) ? id + " " + names.get(id) : String.valueOf(id);
    }

    private static List<String> strings(JsonNode list) {
        List<String> strings = new java.util.ArrayList<>();
        list.forEach(each -> strings.add(each.asText()));
        return strings;
    }

    /** An empty object where there is no such file. */
    private JsonNode json(String name) {
        Path file = directory.resolve(name);
        try {
            return Files.isReadable(file) ? JSON.readTree(Files.readAllBytes(file)) : JSON.createObjectNode();
        } catch (IOException e) {
            throw new LearningException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
