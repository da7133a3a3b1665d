package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.RenderResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model's chat template (Jinja), from {@code chat_template.jinja} or {@code tokenizer_config.json}. Its output is
 * bounded, and a template that fails is an error, never an empty prompt. Thread-safe.
 */
public final class ChatTemplate {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LARGEST_OUTPUT = 4 << 20;

    private final @Nullable String template;
    private final Map<String, String> specialTokens;
    private final Jinjava jinjava;

    /** One turn; the role is {@code system}, {@code user} or {@code assistant}. */
    public record Turn(String role, String content) {}

    private ChatTemplate(@Nullable String template, Map<String, String> specialTokens) {
        this.template = template;
        this.specialTokens = Map.copyOf(specialTokens);
        this.jinjava = new Jinjava(JinjavaConfig.newBuilder()
                .withMaxOutputSize(LARGEST_OUTPUT)
                .withMaxRenderDepth(20)
                // Left on, braces in what a user writes would be evaluated too.
                .withNestedInterpretationEnabled(false)
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .build());
    }

    static ChatTemplate open(Path directory) {
        try {
            Path file = directory.resolve("tokenizer_config.json");
            JsonNode config =
                    Files.isReadable(file) ? JSON.readTree(Files.readAllBytes(file)) : JSON.createObjectNode();
            Map<String, String> tokens = new HashMap<>();
            for (String name : List.of("bos_token", "eos_token", "pad_token", "unk_token")) {
                JsonNode token = config.path(name);
                String text = token.isObject() ? token.path("content").asText("") : token.asText("");
                tokens.put(name, text.equals("null") ? "" : text);
            }
            Path jinja = directory.resolve("chat_template.jinja");
            JsonNode inline = config.path("chat_template");
            String template =
                    Files.isReadable(jinja) ? Files.readString(jinja) : inline.isTextual() ? inline.asText() : null;
            return new ChatTemplate(template, tokens);
        } catch (IOException e) {
            throw new LearningException("cannot read the chat template of " + directory + ": " + e.getMessage(), e);
        }
    }

    /** The text of the token that ends an answer, or empty. */
    String endText() {
        return specialTokens.getOrDefault("eos_token", "");
    }

    /**
     * @param generate whether to end where the assistant's answer begins
     * @throws LearningException where the model has no template, or the template fails
     */
    public String render(List<Turn> turns, boolean generate) {
        if (template == null) {
            throw new LearningException("this base model has no chat template; give a plain prompt instead");
        }
        Map<String, Object> context = new HashMap<>(specialTokens);
        context.put(
                "messages",
                turns.stream()
                        .map(turn -> Map.of("role", turn.role(), "content", turn.content()))
                        .toList());
        context.put("add_generation_prompt", generate);
        RenderResult result = jinjava.renderForResult(template, context);
        if (result.hasErrors()) {
            throw new LearningException(
                    "the chat template failed: " + result.getErrors().get(0).getMessage());
        }
        return result.getOutput();
    }
}
