package dev.perennial.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.JsonFields;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.settings.HttpSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The body of {@code POST /v1/chat/completions}. */
final class ChatBody {
    private static final int MOST_MESSAGES = 256;
    private static final int MOST_ALTERNATIVES = 20;
    private static final List<String> IGNORED = List.of(
            "store",
            "parallel_tool_calls",
            "reasoning_effort",
            "verbosity",
            "prompt_cache_key",
            "prompt_cache_retention",
            "prediction");
    private static final List<String> OWN = List.of(
            "messages",
            "max_completion_tokens",
            "logprobs",
            "top_logprobs",
            "response_format",
            "modalities",
            "tools",
            "tool_choice",
            "functions",
            "function_call");
    private static final List<String> KNOWN = Stream.of(CallFields.SHARED, OWN, CallFields.IGNORED, IGNORED)
            .flatMap(List::stream)
            .toList();
    private static final List<String> ROLES = List.of("system", "developer", "user", "assistant");
    private static final List<String> MESSAGE_FIELDS =
            List.of("role", "content", "name", "refusal", "tool_calls", "function_call", "audio", "annotations");

    private ChatBody() {}

    static GenerationCall read(JsonNode body, HttpSettings settings) {
        JsonFields fields = JsonFields.of(body, "", KNOWN);
        CallFields call = new CallFields(fields);
        call.only("response_format", format -> format.path("type").asText().equals("text"), "{\"type\":\"text\"}");
        call.only(
                "modalities",
                value -> value.size() == 1 && value.path(0).asText().equals("text"),
                "[\"text\"]");
        call.only("tools", CallFields::isEmpty, "empty");
        call.only("functions", CallFields::isEmpty, "empty");
        call.only("tool_choice", value -> List.of("none", "auto").contains(value.asText()), "none or auto");
        call.only("function_call", value -> List.of("none", "auto").contains(value.asText()), "none or auto");
        return call.call(
                messages(fields, settings.maxPromptCharacters()),
                Optional.empty(),
                call.tokens("max_completion_tokens"),
                logprobs(fields),
                settings.defaultMaxTokens());
    }

    private static Optional<Integer> logprobs(JsonFields fields) {
        boolean wanted = fields.optionalFlag("logprobs").orElse(false);
        int alternatives =
                fields.optionalInteger("top_logprobs", 0, MOST_ALTERNATIVES).orElse(0);
        if (alternatives > 0 && !wanted) {
            throw fields.problem(
                    "top_logprobs",
                    "top_logprobs above 0 needs logprobs to be true; got top_logprobs " + alternatives
                            + " and logprobs "
                            + fields.value("logprobs").map(JsonNode::toString).orElse("missing"));
        }
        return wanted ? Optional.of(alternatives) : Optional.empty();
    }

    private static List<Example.Message> messages(JsonFields fields, int mostCharacters) {
        List<Example.Message> messages = new ArrayList<>();
        long characters = 0;
        for (JsonNode element : fields.elements("messages", MOST_MESSAGES)) {
            Example.Message message = message(element, "messages[" + messages.size() + "]", mostCharacters);
            characters += message.content().length();
            messages.add(message);
        }
        if (messages.isEmpty()) {
            throw fields.problem("messages", "messages has at least one message; got none");
        }
        if (characters > mostCharacters) {
            throw new ProblemException(Problem.tooLarge(
                    "messages", "all messages are at most " + mostCharacters + " characters; got " + characters));
        }
        return messages;
    }

    private static Example.Message message(JsonNode element, String path, int mostCharacters) {
        JsonFields fields = JsonFields.of(element, path, MESSAGE_FIELDS);
        CallFields call = new CallFields(fields);
        call.only("tool_calls", CallFields::isEmpty, "empty");
        call.only("function_call", CallFields::isEmpty, "empty");
        call.only("audio", CallFields::isEmpty, "empty");
        String role = fields.oneOf("role", ROLES);
        return new Example.Message(role.equals("developer") ? "system" : role, content(fields, mostCharacters));
    }

    /** A text, or an array of parts that are texts. */
    private static String content(JsonFields message, int mostCharacters) {
        Optional<JsonNode> value = message.value("content");
        if (value.isEmpty() || !value.get().isArray()) {
            return message.text("content", mostCharacters);
        }
        StringBuilder content = new StringBuilder();
        int index = 0;
        for (JsonNode element : message.elements("content", MOST_MESSAGES)) {
            JsonFields part =
                    JsonFields.of(element, message.key("content") + "[" + index++ + "]", List.of("type", "text"));
            part.oneOf("type", List.of("text"));
            content.append(part.text("text", mostCharacters));
        }
        return content.toString();
    }
}
