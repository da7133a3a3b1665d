package dev.perennial.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.JsonFields;
import dev.perennial.settings.HttpSettings;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The body of {@code POST /v1/completions}. */
final class TextBody {
    private static final int MOST_ALTERNATIVES = 5;
    private static final List<String> OWN = List.of("prompt", "suffix", "logprobs", "echo", "best_of");
    private static final List<String> KNOWN = Stream.of(CallFields.SHARED, OWN, CallFields.IGNORED)
            .flatMap(List::stream)
            .toList();

    private TextBody() {}

    static GenerationCall read(JsonNode body, HttpSettings settings) {
        JsonFields fields = JsonFields.of(body, "", KNOWN);
        CallFields call = new CallFields(fields);
        call.only("suffix", value -> value.asText("some").isEmpty(), "empty");
        call.only("echo", CallFields::isFalse, "false");
        int choices = call.choices();
        call.only(
                "best_of",
                value -> value.isIntegralNumber() && value.longValue() == choices,
                choices + ", which is n,");
        return call.call(
                List.of(),
                Optional.of(prompt(fields, settings.maxPromptCharacters())),
                Optional.empty(),
                fields.optionalInteger("logprobs", 0, MOST_ALTERNATIVES),
                settings.defaultMaxTokens());
    }

    /** One text, alone or in an array. */
    private static String prompt(JsonFields fields, int mostCharacters) {
        String prompt = fields.value("prompt").filter(JsonNode::isArray).isPresent()
                ? fields.optionalTexts("prompt", 1, mostCharacters).orElseThrow().stream()
                        .findFirst()
                        .orElse("")
                : fields.text("prompt", mostCharacters);
        if (prompt.isEmpty()) {
            throw fields.problem("prompt", "prompt is 1 to " + mostCharacters + " characters; got none");
        }
        return prompt;
    }
}
