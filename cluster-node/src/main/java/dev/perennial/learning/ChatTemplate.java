package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.learning.jinja.Template;
import dev.perennial.learning.jinja.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model's chat template (Jinja), from {@code chat_template.jinja} or else {@code tokenizer_config.json}, where it is
 * one text or a list of which {@code default} is taken. It renders as {@code apply_chat_template} of transformers does,
 * but an undefined value that would be written is an error. Time, memory and output are bounded. Thread-safe.
 */
public final class ChatTemplate {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final @Nullable Template template;
    private final SpecialTokens specialTokens;

    /** One turn; the role is {@code system}, {@code user} or {@code assistant}. */
    public record Turn(String role, String content) {}

    private ChatTemplate(@Nullable Template template, SpecialTokens specialTokens) {
        this.template = template;
        this.specialTokens = specialTokens;
    }

    static ChatTemplate open(Path directory) {
        return open(directory, Clock.system(ZoneId.systemDefault()));
    }

    /** @throws LearningException where the template cannot be read or needs what is not supported, by its name */
    static ChatTemplate open(Path directory, Clock clock) {
        String source = source(directory);
        try {
            return new ChatTemplate(
                    source == null ? null : Template.read(source, clock, LIMIT), SpecialTokens.read(directory));
        } catch (TemplateException e) {
            throw new LearningException("the chat template of " + directory + " is refused: " + e.getMessage(), e);
        }
    }

    private static @Nullable String source(Path directory) {
        Path jinja = directory.resolve("chat_template.jinja");
        try {
            if (Files.isReadable(jinja)) {
                return Files.readString(jinja);
            }
        } catch (IOException e) {
            throw new LearningException("cannot read " + jinja + ": " + e.getMessage(), e);
        }
        JsonNode inline = SpecialTokens.readJson(directory.resolve("tokenizer_config.json"))
                .path("chat_template");
        for (JsonNode named : inline) {
            if (named.path("name").asText().equals("default")) {
                return named.path("template").asText();
            }
        }
        return inline.isTextual() ? inline.asText() : null;
    }

    /**
     * @param generate whether to end where the assistant's answer begins
     * @throws LearningException where the model has no template, or the template fails
     */
    public String render(List<Turn> turns, boolean generate) {
        return render(turns, generate, Map.of());
    }

    /** @param variables what the template may read besides, such as {@code enable_thinking} or {@code date_string} */
    public String render(List<Turn> turns, boolean generate, Map<String, ?> variables) {
        if (template == null) {
            throw new LearningException("this base model has no chat template; give a plain prompt instead");
        }
        Map<String, @Nullable Object> context = new HashMap<>(specialTokens.texts());
        context.put("tools", null);
        context.put("documents", null);
        context.put(
                "messages",
                turns.stream()
                        .map(turn -> Map.of("role", turn.role(), "content", turn.content()))
                        .toList());
        context.put("add_generation_prompt", generate);
        context.putAll(variables);
        try {
            return template.render(context);
        } catch (TemplateException e) {
            throw new LearningException("the chat template failed: " + e.getMessage(), e);
        }
    }
}
