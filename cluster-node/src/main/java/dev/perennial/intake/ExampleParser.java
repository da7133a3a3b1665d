package dev.perennial.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One JSON object → one example. The forms are {@code {"text"}}, {@code {"prompt","completion"}},
 * {@code {"messages":[{"role","content"}…]}} ending with the assistant's answer, {@code {"prompt","chosen","rejected"}} and
 * {@code {"prompt","completion","label"}}, see {@link ExampleForms}; each may have {@code source} (at most 200
 * characters) and {@code use} ({@code train}, which is the default, or {@code evaluate}).
 */
public final class ExampleParser {
    /** Longest text, or sum of an example's texts, in characters. */
    public static final int LONGEST_TEXT = 100_000;

    private static final int LONGEST_SOURCE = 200;
    private static final int ID_BYTES = 16;
    private static final List<String> USES = List.of("train", "evaluate");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ExampleParser() {}

    /** @throws ProblemException saying what was found and what was expected */
    public static ParsedExample parse(JsonNode row) {
        JsonFields fields = JsonFields.open(row, "");
        Example example = ExampleForms.read(fields);
        ExampleUse use =
                fields.optionalOneOf("use", USES).filter("evaluate"::equals).isPresent()
                        ? ExampleUse.EVALUATE
                        : ExampleUse.TRAIN;
        String source = fields.optionalText("source", LONGEST_SOURCE).orElse("");
        return normalised(example, use, source, source);
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
            Example kept = new Example.Messages(checked("messages", conversation.messages()));
            return parsed(kept, use, source, origin, true);
        }
        if (example instanceof Example.Preference pair) {
            String chosen = checked("chosen", pair.chosen(), Normal::text);
            String rejected = checked("rejected", pair.rejected(), Normal::text);
            if (chosen.equals(rejected)) {
                throw new ProblemException(
                        Problem.invalid("rejected", "chosen and rejected differ; got two that are equal"));
            }
            Example kept = new Example.Preference(checked("prompt", pair.prompt()), chosen, rejected);
            return parsed(kept, use, source, origin, true);
        }
        if (example instanceof Example.Labelled labelled) {
            Example kept = new Example.Labelled(
                    checked("prompt", labelled.prompt()),
                    checked("completion", labelled.completion(), Normal::text),
                    labelled.desirable());
            return parsed(kept, use, source, origin, false);
        }
        throw new AssertionError(example);
    }

    private static List<Example.Message> checked(String field, List<Example.Message> messages) {
        return messages.stream()
                .map(message -> new Example.Message(message.role(), checked(field, message.content(), Normal::text)))
                .toList();
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
            return characters(conversation.messages());
        }
        if (example instanceof Example.Preference pair) {
            return characters(pair.prompt())
                    + pair.chosen().length()
                    + pair.rejected().length();
        }
        if (example instanceof Example.Labelled labelled) {
            return characters(labelled.prompt()) + labelled.completion().length();
        }
        throw new AssertionError(example);
    }

    private static int characters(List<Example.Message> messages) {
        return messages.stream().mapToInt(message -> message.content().length()).sum();
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
            put(node, "messages", conversation.messages());
        } else if (example instanceof Example.Preference pair) {
            node.put("form", "preference");
            put(node, "prompt", pair.prompt());
            node.put("chosen", pair.chosen()).put("rejected", pair.rejected());
        } else if (example instanceof Example.Labelled labelled) {
            node.put("form", "labelled");
            put(node, "prompt", labelled.prompt());
            node.put("completion", labelled.completion()).put("label", labelled.desirable());
        } else {
            throw new AssertionError(example);
        }
        return node.put("use", use == ExampleUse.EVALUATE ? "evaluate" : "train");
    }

    private static void put(ObjectNode node, String key, List<Example.Message> messages) {
        ArrayNode array = node.putArray(key);
        messages.forEach(
                message -> array.addObject().put("role", message.role()).put("content", message.content()));
    }

    private static String json(Example example) {
        try {
            return MAPPER.writerFor(Example.class).writeValueAsString(example);
        } catch (JsonProcessingException e) {
            throw new AssertionError("an example of texts can be written", e);
        }
    }
}
