package dev.perennial.learning.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.learning.ChatTemplate.Turn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Recognises a row by its keys, as TRL and axolotl name them. A null counts as missing, because tables written out as JSON
 * have nulls; keys that belong to no format are passed over.
 */
final class RowParser {
    private enum Format {
        TEXT("text"),
        COMPLETION("prompt, completion"),
        MESSAGES("messages"),
        CONVERSATIONS("conversations"),
        PREFERENCE("prompt, chosen, rejected"),
        IMPLICIT_PROMPT("chosen, rejected"),
        LABELLED("prompt, completion, label");

        private final String shown;

        Format(String shown) {
            this.shown = shown;
        }
    }

    private static final Map<Set<String>, Format> BY_KEYS = Arrays.stream(Format.values())
            .collect(Collectors.toUnmodifiableMap(format -> Set.of(format.shown.split(", ")), format -> format));
    private static final Set<String> KNOWN =
            BY_KEYS.keySet().stream().flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());

    /** The keys of every format, for messages. */
    static final String EXPECTED =
            Arrays.stream(Format.values()).map(format -> format.shown).collect(Collectors.joining(" | "));

    private RowParser() {}

    static DataRow parse(JsonNode row) throws BadRow {
        if (!row.isObject()) {
            throw new BadRow("expected a JSON object; got " + RowJson.kind(row));
        }
        return switch (format(row)) {
            case TEXT -> new DataRow.Text(Fields.learned(row.path("text"), "text"));
            case COMPLETION -> new DataRow.Completion(prompted(row, "completion"));
            case MESSAGES -> conversation(row, "messages");
            case CONVERSATIONS -> conversation(row, "conversations");
            case PREFERENCE -> explicit(row);
            case IMPLICIT_PROMPT -> implicit(row);
            case LABELLED -> new DataRow.Labelled(prompted(row, "completion"), Fields.flag(row.path("label"), "label"));
        };
    }

    private static Format format(JsonNode row) throws BadRow {
        Set<String> found = new HashSet<>(KNOWN);
        found.removeIf(key -> !row.hasNonNull(key) || isRepeated(key, row));
        Format format = BY_KEYS.get(found);
        if (format == null) {
            throw new BadRow("found " + Fields.names(row) + "; expected one of: " + EXPECTED);
        }
        return format;
    }

    /** Some data sets have the messages of their chosen answer, or one of the questions of their messages, a second time. */
    private static boolean isRepeated(String key, JsonNode row) {
        JsonNode messages = row.path("messages");
        if (key.equals("messages")) {
            return messages.equals(row.path("chosen"));
        }
        if (key.equals("prompt") && row.path("prompt").isTextual() && !row.hasNonNull("chosen")) {
            for (JsonNode turn : messages) {
                if (turn.path("role").asText().equals("user")
                        && turn.path("content").equals(row.path("prompt"))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static DataRow conversation(JsonNode row, String key) throws BadRow {
        List<Turn> turns = Fields.turns(row.path(key), key);
        if (turns.stream().noneMatch(turn -> turn.role().equals("assistant"))) {
            throw new BadRow(key + ": expected at least one assistant message to learn; got " + roles(turns));
        }
        return new DataRow.Conversation(turns);
    }

    private static DataRow explicit(JsonNode row) throws BadRow {
        // Some data sets repeat the prompt as text beside conversations that begin with it; TRL reads those as
        // implicit.
        if (row.path("prompt").isTextual()
                && row.path("chosen").isArray()
                && row.path("rejected").isArray()) {
            return implicit(row);
        }
        return preference(prompted(row, "chosen"), prompted(row, "rejected"));
    }

    /** The prompt is what chosen and rejected have in common. */
    private static DataRow implicit(JsonNode row) throws BadRow {
        if (row.path("chosen").isArray()) {
            List<Turn> chosen = Fields.turns(row.path("chosen"), "chosen");
            List<Turn> rejected = Fields.turns(row.path("rejected"), "rejected");
            refuseEqual(chosen, rejected);
            int common = 0;
            while (common < Math.min(chosen.size(), rejected.size())
                    && chosen.get(common).equals(rejected.get(common))) {
                common++;
            }
            if (common == 0 || common != chosen.size() - 1 || common != rejected.size() - 1) {
                throw new BadRow("expected chosen and rejected to be the same messages but for the last; got "
                        + chosen.size() + " and " + rejected.size() + " messages, of which the first " + common
                        + " are the same");
            }
            List<Turn> prompt = chosen.subList(0, common);
            return preference(
                    chat(prompt, chosen.subList(common, chosen.size()), "chosen"),
                    chat(prompt, rejected.subList(common, rejected.size()), "rejected"));
        }
        String chosen = Fields.learned(row.path("chosen"), "chosen");
        String rejected = Fields.learned(row.path("rejected"), "rejected");
        refuseEqual(chosen, rejected);
        int end = promptEnd(chosen, rejected);
        String prompt = chosen.substring(0, end);
        if (prompt.isBlank()) {
            throw new BadRow("expected chosen and rejected to begin with the same words, which are the prompt; they"
                    + " have no word in common there; or give a key prompt");
        }
        return preference(
                plain(prompt, chosen.substring(end), "chosen"), plain(prompt, rejected.substring(end), "rejected"));
    }

    /**
     * Where two texts begin to differ, drawn back to before the space of the word in which they do, so that each answer is
     * tokenized from the beginning of a word.
     */
    private static int promptEnd(String chosen, String rejected) {
        int end = 0;
        while (end < Math.min(chosen.length(), rejected.length()) && chosen.charAt(end) == rejected.charAt(end)) {
            end++;
        }
        while (end > 0 && !Character.isWhitespace(chosen.charAt(end - 1))) {
            end--;
        }
        while (end > 0 && Character.isWhitespace(chosen.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static DataRow preference(Exchange chosen, Exchange rejected) throws BadRow {
        refuseEqual(chosen, rejected);
        return new DataRow.Preference(chosen, rejected);
    }

    private static void refuseEqual(Object chosen, Object rejected) throws BadRow {
        if (chosen.equals(rejected)) {
            throw new BadRow("expected chosen and rejected to differ; they are equal");
        }
    }

    /** The answer under a key, to the prompt: both text, or both messages. */
    private static Exchange prompted(JsonNode row, String key) throws BadRow {
        JsonNode prompt = row.path("prompt");
        JsonNode answer = row.path(key);
        if (prompt.isTextual()) {
            return plain(Fields.text(prompt, "prompt"), Fields.learned(answer, key), key);
        }
        if (!prompt.isArray()) {
            throw new BadRow("prompt: expected text or a list of messages; got " + RowJson.kind(prompt));
        }
        return chat(Fields.turns(prompt, "prompt"), Fields.turns(answer, key), key);
    }

    private static Exchange plain(String prompt, String answer, String key) throws BadRow {
        if (answer.isBlank()) {
            throw new BadRow(key + ": expected text that can be learned after the prompt; got blank text");
        }
        return new Exchange.Plain(prompt, answer);
    }

    private static Exchange chat(List<Turn> prompt, List<Turn> answer, String key) throws BadRow {
        if (answer.size() != 1 || !answer.get(0).role().equals("assistant")) {
            throw new BadRow(key + ": expected one assistant message; got " + roles(answer));
        }
        if (prompt.get(prompt.size() - 1).role().equals("assistant")) {
            throw new BadRow("prompt: expected a last message that is not the assistant's; got " + roles(prompt));
        }
        List<Turn> turns = new ArrayList<>(prompt);
        turns.addAll(answer);
        return new Exchange.Chat(turns);
    }

    private static String roles(List<Turn> turns) {
        String last = turns.get(turns.size() - 1).role();
        return turns.size() <= 4
                ? turns.stream().map(Turn::role).collect(Collectors.joining(", "))
                : turns.size() + " messages, the last of them " + last;
    }
}
