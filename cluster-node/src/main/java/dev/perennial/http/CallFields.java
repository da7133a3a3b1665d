package dev.perennial.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.intake.JsonFields;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The fields that both completion calls share. OpenAI's clients send many that change nothing here: those are ignored. A
 * field that would change the answer is refused where its value asks for what is not done, and never passed over silently.
 */
record CallFields(JsonFields fields) {
    private static final int MOST_TOKENS = 4096;
    private static final int MOST_STOPS = 4;
    private static final int LONGEST_STOP = 200;
    private static final int LONGEST_MODEL = 200;
    private static final int MOST_CHOICES = 8;
    private static final int MOST_TOP_K = 1_000_000;

    /** Fields of both calls that change nothing whatever their value. */
    static final List<String> IGNORED = List.of("user", "metadata", "service_tier", "safety_identifier");

    static final List<String> SHARED = List.of(
            "model",
            "max_tokens",
            "temperature",
            "top_p",
            "top_k",
            "seed",
            "stop",
            "stream",
            "stream_options",
            "n",
            "presence_penalty",
            "frequency_penalty",
            "logit_bias");

    GenerationCall call(
            List<Example.Message> messages,
            Optional<String> prompt,
            Optional<Integer> maxTokens,
            Optional<Integer> logprobs,
            int defaultMaxTokens) {
        only("presence_penalty", CallFields::isZero, "0");
        only("frequency_penalty", CallFields::isZero, "0");
        only("logit_bias", CallFields::isEmpty, "empty");
        GenerationRequest request = new GenerationRequest(
                ModelName.parse(fields.text("model", LONGEST_MODEL)).text(),
                messages,
                prompt,
                maxTokens.or(() -> tokens("max_tokens")).orElse(defaultMaxTokens),
                fields.optionalNumber("temperature", 0, 2),
                fields.optionalNumber("top_p", 0, 1),
                fields.optionalLong("seed"),
                stop(),
                fields.optionalInteger("top_k", 0, MOST_TOP_K),
                choices(),
                logprobs);
        boolean stream = fields.optionalFlag("stream").orElse(false);
        boolean usage = fields.optionalObject("stream_options", List.of("include_usage", "include_obfuscation"))
                .flatMap(options -> options.optionalFlag("include_usage"))
                .orElse(false);
        return new GenerationCall(request, stream, usage);
    }

    int choices() {
        return fields.optionalInteger("n", 1, MOST_CHOICES).orElse(1);
    }

    Optional<Integer> tokens(String name) {
        return fields.optionalInteger(name, 1, MOST_TOKENS);
    }

    /** Refuses a field whose value asks for what is not done. */
    void only(String name, Predicate<JsonNode> accepted, String shown) {
        fields.value(name).filter(accepted.negate()).ifPresent(value -> {
            throw new ProblemException(new Problem(
                    Problem.Kind.INVALID,
                    fields.key(name) + " can only be " + shown + " here; got " + Problem.shorten(value.toString()),
                    fields.key(name),
                    "unsupported_value"));
        });
    }

    static boolean isZero(JsonNode value) {
        return value.isNumber() && value.doubleValue() == 0;
    }

    static boolean isEmpty(JsonNode value) {
        return value.isContainerNode() && value.isEmpty();
    }

    static boolean isFalse(JsonNode value) {
        return value.isBoolean() && !value.booleanValue();
    }

    private List<String> stop() {
        Optional<JsonNode> value = fields.value("stop");
        if (value.isEmpty()) {
            return List.of();
        }
        List<String> stops = value.get().isTextual()
                ? List.of(fields.text("stop", LONGEST_STOP))
                : fields.optionalTexts("stop", MOST_STOPS, LONGEST_STOP).orElseThrow();
        if (stops.contains("")) {
            throw fields.problem("stop", "stop is one text or at most 4, none of them empty");
        }
        return stops;
    }
}
