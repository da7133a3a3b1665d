package dev.perennial.learning.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.LearningException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One row of {@link JsonLines}. Nothing is coerced, a null counts as missing, and every error names the place and, of a
 * value, its key.
 */
public final class JsonRow {
    private final String place;
    private final JsonNode object;
    private final String problem;

    private JsonRow(String place, JsonNode object, String problem) {
        this.place = place;
        this.object = object;
        this.problem = problem;
    }

    static JsonRow of(String name, RawRows.Row raw) {
        String place = name + " line " + raw.line();
        if (!raw.problem().isEmpty()) {
            return new JsonRow(place, MissingNode.getInstance(), raw.problem());
        }
        try {
            JsonNode node = RowJson.parse(raw.bytes());
            return new JsonRow(place, node, node.isObject() ? "" : "expected a JSON object; got " + RowJson.kind(node));
        } catch (BadRow e) {
            return new JsonRow(place, MissingNode.getInstance(), String.valueOf(e.getMessage()));
        }
    }

    /** An error about this row: the message, and the file and line before it, unless it has them. */
    public LearningException error(String message) {
        return new LearningException(message.startsWith(place + ": ") ? message : place + ": " + message);
    }

    /**
     * Which of several formats the row has, each a list of keys such as {@code "prompt, completion"}: the one of whose keys
     * it has all, and none of the others'.
     *
     * @throws LearningException where there is no such format, or the row is no JSON object; it names the keys found and
     *     those expected
     */
    public String format(List<String> formats) {
        if (!problem.isEmpty()) {
            throw error(problem);
        }
        List<String> found = formats.stream()
                .flatMap(format -> List.of(format.split(", ")).stream())
                .filter(object::hasNonNull)
                .toList();
        return formats.stream()
                .filter(format -> List.of(format.split(", ")).equals(found))
                .findFirst()
                .orElseThrow(() ->
                        error("found " + Fields.names(object) + "; expected one of: " + String.join(" | ", formats)));
    }

    public boolean has(String key) {
        return object.hasNonNull(key);
    }

    /** Text, which may be empty. */
    public String text(String key) {
        return read(() -> Fields.text(object.path(key), key));
    }

    /** A list of messages, with roles and contents, or with ShareGPT's keys. */
    public List<Turn> turns(String key) {
        return read(() -> Fields.turns(object.path(key), key));
    }

    /** One text, or a list of texts; none where the key is missing. */
    public Optional<List<String>> texts(String key) {
        JsonNode value = object.path(key);
        if (!has(key)) {
            return Optional.empty();
        }
        return Optional.of(read(() -> {
            List<String> texts = new ArrayList<>();
            for (JsonNode each : value.isArray() ? value : List.of(value)) {
                texts.add(Fields.text(each, key));
            }
            return texts;
        }));
    }

    /** A list of integers from 0 to below a bound, such as token ids. */
    public int[] integers(String key, int below) {
        JsonNode list = object.path(key);
        if (!list.isArray() || list.isEmpty()) {
            throw error(key + ": expected a list of integers; got " + RowJson.kind(list));
        }
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = list.get(i);
            if (!value.isInt() || value.intValue() < 0 || value.intValue() >= below) {
                throw error(
                        key + "[" + i + "]: expected an integer from 0 to " + (below - 1) + "; got " + shown(value));
            }
            values[i] = value.intValue();
        }
        return values;
    }

    /** An integer, where the key is there. */
    public Optional<Long> integer(String key) {
        JsonNode value = object.path(key);
        if (has(key) && !(value.isIntegralNumber() && value.canConvertToLong())) {
            throw error(key + ": expected an integer; got " + shown(value));
        }
        return has(key) ? Optional.of(value.longValue()) : Optional.empty();
    }

    /** A number, where the key is there. */
    public Optional<Double> number(String key) {
        JsonNode value = object.path(key);
        if (has(key) && !value.isNumber()) {
            throw error(key + ": expected a number; got " + shown(value));
        }
        return has(key) ? Optional.of(value.doubleValue()) : Optional.empty();
    }

    /**
     * The place in a list of names that the row gives, by the name, or by the place itself; empty where the key is missing.
     *
     * @param numbered how many of the names, from the first, may be given by their place
     */
    public Optional<Integer> choice(String key, List<String> names, int numbered) {
        if (!has(key)) {
            return Optional.empty();
        }
        JsonNode value = object.path(key);
        int place = names.indexOf(value.textValue());
        if (value.isInt() && value.intValue() < numbered) {
            place = value.intValue();
        }
        if (place < 0) {
            throw error(key + ": expected " + String.join(", ", names)
                    + (numbered > 0 ? ", or a number from 0 to " + (numbered - 1) : "") + "; got " + shown(value));
        }
        return Optional.of(place);
    }

    private static String shown(JsonNode value) {
        return value.isValueNode() ? Fields.shorten(value.toString(), 40) : RowJson.kind(value);
    }

    private interface Reading<V> {
        V read() throws BadRow;
    }

    private <V> V read(Reading<V> reading) {
        try {
            return reading.read();
        } catch (BadRow e) {
            throw error(String.valueOf(e.getMessage()));
        }
    }
}
