package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The texts of a tokenizer's special tokens, from {@code tokenizer_config.json} and, where that lacks one, {@code
 * special_tokens_map.json}; each is a string or an object with its {@code content}.
 *
 * @param texts text of {@code bos_token}, {@code eos_token}, {@code pad_token}, {@code unk_token}; empty for none
 */
record SpecialTokens(Map<String, String> texts) {
    private static final ObjectMapper JSON = new ObjectMapper();

    SpecialTokens {
        texts = Map.copyOf(texts);
    }

    static SpecialTokens read(Path directory) {
        JsonNode config = readJson(directory.resolve("tokenizer_config.json"));
        JsonNode map = readJson(directory.resolve("special_tokens_map.json"));
        Map<String, String> texts = new HashMap<>();
        for (String name : List.of("bos_token", "eos_token", "pad_token", "unk_token")) {
            String text = text(config.path(name));
            texts.put(name, text.isEmpty() ? text(map.path(name)) : text);
        }
        return new SpecialTokens(texts);
    }

    private static String text(JsonNode token) {
        JsonNode content = token.isObject() ? token.path("content") : token;
        return content.isTextual() ? content.asText() : "";
    }

    /** An empty object where there is no such file. */
    static JsonNode readJson(Path file) {
        try {
            return Files.isReadable(file) ? JSON.readTree(Files.readAllBytes(file)) : JSON.createObjectNode();
        } catch (IOException e) {
            throw new LearningException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
