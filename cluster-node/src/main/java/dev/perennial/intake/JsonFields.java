package dev.perennial.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The fields of one JSON object, read by name and type. Nothing is coerced, a missing number is never 0, and a null counts
 * as missing, because some clients send null for what they do not set. Every error names the field by its whole path.
 */
public final class JsonFields {
    private final ObjectNode node;
    private final String path;

    private JsonFields(ObjectNode node, String path) {
        this.node = node;
        this.path = path;
    }

    /**
     * @param path of the object in the body, empty for the body itself
     * @throws ProblemException where it is no object, or has a field that is not known
     */
    public static JsonFields of(JsonNode node, String path, List<String> known) {
        JsonFields fields = open(node, path);
        for (String name : names(fields.node)) {
            if (!known.contains(name)) {
                throw fields.problem(
                        name,
                        "unknown field '" + Problem.shorten(fields.key(name)) + "'; known fields are "
                                + String.join(", ", known));
            }
        }
        return fields;
    }

    static JsonFields open(JsonNode node, String path) {
        if (node instanceof ObjectNode object) {
            return new JsonFields(object, path);
        }
        String what = path.isEmpty() ? "the JSON" : path;
        throw new ProblemException(new Problem(
                Problem.Kind.INVALID,
                what + " is an object; got " + kind(node),
                path.isEmpty() ? null : path,
                "invalid_type"));
    }

    /** The names that are there, for messages. */
    public List<String> names() {
        return names(node);
    }

    public boolean has(String name) {
        return node.hasNonNull(name);
    }

    public Optional<JsonNode> value(String name) {
        return has(name) ? Optional.of(node.get(name)) : Optional.empty();
    }

    public String text(String name, int longest) {
        return optionalText(name, longest).orElseThrow(() -> missing(name, "text"));
    }

    /** @param longest in characters */
    public Optional<String> optionalText(String name, int longest) {
        return value(name).map(value -> {
            if (!value.isTextual()) {
                throw wrongType(name, "text", value);
            }
            String text = value.textValue();
            if (text.length() > longest) {
                throw new ProblemException(Problem.tooLarge(
                        key(name), key(name) + " is at most " + longest + " characters; got " + text.length()));
            }
            return text;
        });
    }

    public Optional<Integer> optionalInteger(String name, int low, int high) {
        return value(name).map(value -> {
            String expected = "an integer from " + low + " to " + high;
            if (!value.isIntegralNumber()) {
                throw wrongType(name, expected, value);
            }
            if (!value.canConvertToInt() || value.intValue() < low || value.intValue() > high) {
                throw outOfRange(name, expected, value);
            }
            return value.intValue();
        });
    }

    public Optional<Long> optionalLong(String name) {
        return value(name).map(value -> {
            if (!value.isIntegralNumber() || !value.canConvertToLong()) {
                throw wrongType(name, "an integer of 64 bits", value);
            }
            return value.longValue();
        });
    }

    public Optional<Double> optionalNumber(String name, double low, double high) {
        return value(name).map(value -> {
            String expected = "a number from " + low + " to " + high;
            if (!value.isNumber()) {
                throw wrongType(name, expected, value);
            }
            if (!(value.doubleValue() >= low && value.doubleValue() <= high)) {
                throw outOfRange(name, expected, value);
            }
            return value.doubleValue();
        });
    }

    public Optional<Boolean> optionalFlag(String name) {
        return value(name).map(value -> {
            if (!value.isBoolean()) {
                throw wrongType(name, "true or false", value);
            }
            return value.booleanValue();
        });
    }

    public Optional<JsonFields> optionalObject(String name, List<String> known) {
        return value(name).map(value -> of(value, key(name), known));
    }

    public Optional<List<String>> optionalTexts(String name, int most, int longest) {
        return value(name).map(value -> {
            List<String> texts = new ArrayList<>();
            for (JsonNode element : elements(name, most)) {
                if (!element.isTextual()) {
                    throw wrongType(name, "an array of texts", element);
                }
                if (element.textValue().length() > longest) {
                    throw new ProblemException(Problem.tooLarge(
                            key(name), "each text of " + key(name) + " is at most " + longest + " characters"));
                }
                texts.add(element.textValue());
            }
            return texts;
        });
    }

    /** The elements of an array, at most so many. */
    public List<JsonNode> elements(String name, int most) {
        JsonNode value = value(name).orElseThrow(() -> missing(name, "an array"));
        if (!value.isArray()) {
            throw wrongType(name, "an array", value);
        }
        if (value.size() > most) {
            throw problem(name, key(name) + " is an array of at most " + most + " elements; got " + value.size());
        }
        List<JsonNode> elements = new ArrayList<>();
        value.forEach(elements::add);
        return elements;
    }

    public String oneOf(String name, List<String> allowed) {
        return optionalOneOf(name, allowed).orElseThrow(() -> missing(name, "one of " + String.join(", ", allowed)));
    }

    public Optional<String> optionalOneOf(String name, List<String> allowed) {
        return value(name).map(value -> {
            if (!value.isTextual() || !allowed.contains(value.textValue())) {
                throw problem(name, key(name) + " is one of " + String.join(", ", allowed) + "; got " + shown(value));
            }
            return value.textValue();
        });
    }

    /** The whole path of a field of this object. */
    public String key(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    public ProblemException problem(String name, String message) {
        return new ProblemException(Problem.invalid(Problem.shorten(key(name)), message));
    }

    public ProblemException missing(String name, String expected) {
        return new ProblemException(new Problem(
                Problem.Kind.INVALID,
                "missing field '" + key(name) + "'; expected " + expected,
                key(name),
                "missing_field"));
    }

    public ProblemException wrongType(String name, String expected, JsonNode actual) {
        return new ProblemException(new Problem(
                Problem.Kind.INVALID,
                key(name) + " is " + expected + "; got " + kind(actual),
                key(name),
                "invalid_type"));
    }

    private ProblemException outOfRange(String name, String expected, JsonNode actual) {
        return problem(name, key(name) + " is " + expected + "; got " + shown(actual));
    }

    private static String shown(JsonNode value) {
        return Problem.shorten(value.toString());
    }

    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> "text";
            case NUMBER -> node.isIntegralNumber() ? "an integer" : "a number with a fraction";
            case BOOLEAN -> "true or false";
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case NULL, MISSING -> "null";
            case BINARY, POJO -> throw new AssertionError(node.getNodeType());
        };
    }

    private static List<String> names(ObjectNode node) {
        TreeSet<String> names = new TreeSet<>();
        node.fieldNames().forEachRemaining(names::add);
        return List.copyOf(names);
    }
}
