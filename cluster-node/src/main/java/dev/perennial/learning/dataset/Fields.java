package dev.perennial.learning.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.learning.ChatTemplate.Turn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Values of a row by type; nothing is coerced, and an error names the field by its whole path. */
final class Fields {
    private static final int LONGEST_SHOWN = 40;
    /** ShareGPT's names beside those of chat templates. */
    private static final Map<String, String> ROLES = Map.of(
            "system",
            "system",
            "user",
            "user",
            "human",
            "user",
            "assistant",
            "assistant",
            "gpt",
            "assistant",
            "tool",
            "tool");

    private Fields() {}

    static String text(JsonNode value, String path) throws BadRow {
        if (!value.isTextual()) {
            throw new BadRow(path + ": expected text; got " + RowJson.kind(value));
        }
        String text = value.textValue();
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new BadRow(path + ": expected text; got half of a surrogate pair, which no tokenizer can read");
        }
        return text;
    }

    /** Text of which there is something to learn. */
    static String learned(JsonNode value, String path) throws BadRow {
        String text = text(value, path);
        if (text.isBlank()) {
            throw new BadRow(path + ": expected text that can be learned; got " + RowJson.kind(value));
        }
        return text;
    }

    static boolean flag(JsonNode value, String path) throws BadRow {
        if (!value.isBoolean()) {
            throw new BadRow(path + ": expected true or false; got "
                    + (value.isValueNode() ? shorten(value.toString()) : RowJson.kind(value)));
        }
        return value.booleanValue();
    }

    /** At least one message, each with {@code role} and {@code content} or with ShareGPT's {@code from} and {@code value}. */
    static List<Turn> turns(JsonNode list, String path) throws BadRow {
        if (!list.isArray() || list.isEmpty()) {
            throw new BadRow(path + ": expected a list of messages; got " + RowJson.kind(list));
        }
        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            turns.add(turn(list.get(i), path + "[" + i + "]"));
        }
        return turns;
    }

    private static Turn turn(JsonNode message, String path) throws BadRow {
        if (!message.isObject()) {
            throw new BadRow(path + ": expected a message; got " + RowJson.kind(message));
        }
        boolean shareGpt = message.hasNonNull("from") && message.hasNonNull("value");
        if (!shareGpt && !(message.hasNonNull("role") && message.hasNonNull("content"))) {
            throw new BadRow(path + ": found " + names(message) + "; expected role, content | from, value");
        }
        String roleKey = shareGpt ? "from" : "role";
        String contentKey = shareGpt ? "value" : "content";
        String named = text(message.path(roleKey), path + "." + roleKey);
        String role = ROLES.get(named);
        if (role == null) {
            throw new BadRow(path + "." + roleKey + ": expected one of "
                    + String.join(", ", ROLES.keySet().stream().sorted().toList()) + "; got '" + shorten(named) + "'");
        }
        JsonNode content = message.path(contentKey);
        String contentPath = path + "." + contentKey;
        return new Turn(role, role.equals("assistant") ? learned(content, contentPath) : text(content, contentPath));
    }

    /** The keys of an object that have a value, for messages. */
    static String names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fields().forEachRemaining(field -> {
            if (!field.getValue().isNull()) {
                names.add(shorten(Objects.requireNonNull(field.getKey())));
            }
        });
        if (names.isEmpty()) {
            return "no keys";
        }
        return names.size() <= 12
                ? "keys " + String.join(", ", names)
                : "keys " + String.join(", ", names.subList(0, 12)) + " and " + (names.size() - 12) + " more";
    }

    private static String shorten(String text) {
        return shorten(text, LONGEST_SHOWN);
    }

    /** The beginning of a text in one line. */
    static String shorten(String text, int longest) {
        String shown = text.substring(0, Math.min(text.length(), longest)).replaceAll("\\p{Cntrl}", " ");
        return text.length() <= longest ? shown : shown + "…";
    }
}
