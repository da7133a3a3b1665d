package dev.perennial.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One JSON object → one example. The forms are {@code {"text"}}, {@code {"prompt","completion"}} and
 * {@code {"messages":[{"role","content"}…]}} ending with the assistant's answer; each may have {@code source} (at most 200
 * characters) and {@code use} ({@code train}, which is the default, or {@code evaluate}).
 */
public final class ExampleParser {
    /** Longest text, or sum of an example's texts, in characters. */
    public static final int LONGEST_TEXT = 100_000;

    private static final int LONGEST_SOURCE = 200;
    private static final int MOST_MESSAGES = 256;
    private static final int ID_BYTES = 16;
    private static final List<String> KEYS = List.of("text", "prompt", "completion", "messages", "source", "use");
    private static final List<String> USES = List.of("train", "evaluate");
    private static final List<String> ROLES = List.of("system", "developer", "user", "assistant");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ExampleParser() {}

    /** @throws ProblemException saying what was found and what was expected */
    public static ParsedExample parse(JsonNode row) {
        JsonFields fields = JsonFields.open(row, "");
        checkForm(fields);
        ExampleUse use =
                fields.optionalOneOf("use", USES).filter("evaluate"::equals).isPresent()
                        ? ExampleUse.EVALUATE
                        : ExampleUse.TRAIN;
        String source = fields.optionalText("source", LONGEST_SOURCE).orElse("");
        return normalised(example(fields), use, source, source);
    }

    /**
     * The same for an example that the program itself puts together.
     *
     * @param source as a policy knows it, by which examples are kept and drawn
     * @param origin where exactly it came from
     */
    static ParsedExample of(Example example, ExampleUse use, String source, String origin) {
        return normalised(example, use, source, origin);
    }

    private static void checkForm(JsonFields fields) {
        List<String> found = fields.names();
        boolean text = fields.has("text");
        boolean pair = fields.has("prompt") || fields.has("completion");
        boolean messages = fields.has("messages");
        int forms = (text ? 1 : 0) + (pair ? 1 : 0) + (messages ? 1 : 0);
        boolean halfPair = pair && !(fields.has("prompt") && fields.has("completion"));
        Optional<String> unknown =
                found.stream().filter(key -> !KEYS.contains(key)).findFirst();
        if (forms != 1 || halfPair || unknown.isPresent()) {
            throw new ProblemException(new Problem(
                    Problem.Kind.INVALID,
                    "expected the keys {text}, {prompt, completion} or {messages}, with source and use optional; found {"
                            + Problem.shorten(String.join(", ", found)) + "}",
                    unknown.map(Problem::shorten).orElse(null),
                    "invalid_example"));
        }
    }

    private static Example example(JsonFields fields) {
        if (fields.has("text")) {
            return new Example.Text(fields.text("text", LONGEST_TEXT));
        }
        if (fields.has("messages")) {
            return new Example.Messages(messages(fields));
        }
        return new Example.Completion(fields.text("prompt", LONGEST_TEXT), fields.text("completion", LONGEST_TEXT));
    }

    private static List<Example.Message> messages(JsonFields fields) {
        List<Example.Message> messages = new ArrayList<>();
        for (JsonNode element : fields.elements("messages", MOST_MESSAGES)) {
            JsonFields message =
                    JsonFields.of(element, "messages[" + messages.size() + "]", List.of("role", "content"));
            String role = message.oneOf("role", ROLES);
            messages.add(new Example.Message(
                    role.equals("developer") ? "system" : role, message.text("content", LONGEST_TEXT)));
        }
        if (messages.size() < 2 || !messages.get(messages.size() - 1).role().equals("assistant")) {
            throw fields.problem(
                    "messages",
                    "messages is a conversation of at least 2 that ends with the assistant's answer; got "
                            + messages.stream().map(Example.Message::role).toList());
        }
        return messages;
    }

    private static ParsedExample normalised(Example example, ExampleUse use, String source, String origin) {
        if (example instanceof Example.Text text) {
            Example kept = new Example.Text(checked("text", text.text(), Normal::text));
            return parsed(kept, use, source, origin, false);
        }
        if (example instanceof Example.Completion pair) {
            Example kept = new Example.Completion(
                    checked("prompt", pair.prompt(), Normal::opening),
                    checked("completion", pair.completion(), Normal::text));
            return parsed(kept, use, source, origin, true);
        }
        if (example instanceof Example.Messages conversation) {
            List<Example.Message> kept = conversation.messages().stream()
                    .map(message ->
                            new Example.Message(message.role(), checked("messages", message.content(), Normal::text)))
                    .toList();
            return parsed(new Example.Messages(kept), use, source, origin, true);
        }
        throw new AssertionError(example);
    }

    private static String checked(String field, String text, UnaryOperator<String> normal) {
        if (!Normal.isUnicode(text)) {
            throw new ProblemException(
                    Problem.invalid(field, field + " is valid Unicode; got half of a surrogate pair"));
        }
        String kept = normal.apply(text);
        if (kept.isBlank()) {
            throw new ProblemException(Problem.invalid(
                    field, field + " is 1 to " + LONGEST_TEXT + " characters besides white space; got none"));
        }
        return kept;
    }

    private static ParsedExample parsed(Example example, ExampleUse use, String source, String origin, boolean judged) {
        int characters = characters(example);
        if (characters > LONGEST_TEXT) {
            throw new ProblemException(Problem.tooLarge(
                    null, "an example is at most " + LONGEST_TEXT + " characters in all; got " + characters));
        }
        ExampleRef ref = new ExampleRef(
                Digests.of(canonical(example, use).toString(), ID_BYTES),
                characters,
                use,
                judged,
                Digests.prompt(example),
                Digests.answer(example),
                Optional.of(source).filter(name -> !name.isEmpty()));
        return new ParsedExample(ref, json(example), origin);
    }

    private static int characters(Example example) {
        if (example instanceof Example.Text text) {
            return text.text().length();
        }
        if (example instanceof Example.Completion pair) {
            return pair.prompt().length() + pair.completion().length();
        }
        if (example instanceof Example.Messages conversation) {
            return conversation.messages().stream()
                    .mapToInt(message -> message.content().length())
                    .sum();
        }
        throw new AssertionError(example);
    }

    /**
     * What the content id is made from. Written out field by field: were it left to the binding of the record, a change of the
     * library or of the record would give old examples new ids. The source is not part of it: the same words from two
     * places are one example.
     */
    private static ObjectNode canonical(Example example, ExampleUse use) {
        ObjectNode node = MAPPER.createObjectNode();
        if (example instanceof Example.Text text) {
            node.put("form", "text").put("text", text.text());
        } else if (example instanceof Example.Completion pair) {
            node.put("form", "completion").put("prompt", pair.prompt()).put("completion", pair.completion());
        } else if (example instanceof Example.Messages conversation) {
            node.put("form", "messages");
            var messages = node.putArray("messages");
            conversation
                    .messages()
                    .forEach(message ->
                            messages.addObject().put("role", message.role()).put("content", message.content()));
        } else {
            throw new AssertionError(example);
        }
        return node.put("use", use == ExampleUse.EVALUATE ? "evaluate" : "train");
    }

    private static String json(Example example) {
        try {
            return MAPPER.writerFor(Example.class).writeValueAsString(example);
        } catch (JsonProcessingException e) {
            throw new AssertionError("an example of texts can be written", e);
        }
    }
}
