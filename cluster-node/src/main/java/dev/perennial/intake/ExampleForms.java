package dev.perennial.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Example.Message;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Recognises an example by its keys, which are those of the data files that {@code perennial train} reads. A prompt is text or
 * a list of messages, and so is an answer to a list; without a prompt, chosen and rejected are conversations that are the
 * same but for their last message.
 */
final class ExampleForms {
    private static final List<String> ROLES = List.of("system", "developer", "user", "assistant");
    private static final int MOST_MESSAGES = 256;
    private static final String ASSISTANT = "assistant";

    private enum Form {
        TEXT("text"),
        COMPLETION("prompt, completion"),
        MESSAGES("messages"),
        PREFERENCE("prompt, chosen, rejected"),
        IMPLICIT_PROMPT("chosen, rejected"),
        LABELLED("prompt, completion, label");

        private final String keys;

        Form(String keys) {
            this.keys = keys;
        }
    }

    private static final Map<Set<String>, Form> BY_KEYS = Arrays.stream(Form.values())
            .collect(Collectors.toUnmodifiableMap(form -> Set.of(form.keys.split(", ")), form -> form));
    private static final Set<String> BESIDE = Set.of("source", "use");
    private static final String EXPECTED =
            Arrays.stream(Form.values()).map(form -> "{" + form.keys + "}").collect(Collectors.joining(" | "));

    private ExampleForms() {}

    /** @throws ProblemException saying what was found and what was expected */
    static Example read(JsonFields fields) {
        return switch (form(fields)) {
            case TEXT -> new Example.Text(text(fields, "text"));
            case COMPLETION -> completion(fields);
            case MESSAGES -> conversation(fields);
            case PREFERENCE ->
                new Example.Preference(prompt(fields), answer(fields, "chosen"), answer(fields, "rejected"));
            case IMPLICIT_PROMPT -> implicit(fields);
            case LABELLED -> new Example.Labelled(prompt(fields), answer(fields, "completion"), flag(fields, "label"));
        };
    }

    private static Form form(JsonFields fields) {
        Set<String> found = new TreeSet<>(fields.names());
        Optional<String> unknown = found.stream()
                .filter(key ->
                        !BESIDE.contains(key) && BY_KEYS.keySet().stream().noneMatch(keys -> keys.contains(key)))
                .findFirst();
        Set<String> given = found.stream()
                .filter(key -> !BESIDE.contains(key) && fields.has(key))
                .collect(Collectors.toSet());
        Form form = BY_KEYS.get(given);
        if (form == null || unknown.isPresent()) {
            throw new ProblemException(new Problem(
                    Problem.Kind.INVALID,
                    "expected the keys " + EXPECTED + ", with source and use optional; found {"
                            + Problem.shorten(String.join(", ", found)) + "}",
                    unknown.map(Problem::shorten).orElse(null),
                    "invalid_example"));
        }
        return form;
    }

    private static Example completion(JsonFields fields) {
        if (!isList(fields, "prompt")) {
            return new Example.Completion(text(fields, "prompt"), text(fields, "completion"));
        }
        List<Message> messages = new ArrayList<>(prompt(fields));
        messages.add(new Message(ASSISTANT, answer(fields, "completion")));
        return new Example.Messages(messages);
    }

    private static Example conversation(JsonFields fields) {
        List<Message> messages = messages(fields, "messages");
        if (messages.size() < 2 || !messages.get(messages.size() - 1).role().equals(ASSISTANT)) {
            throw fields.problem(
                    "messages",
                    "messages is a conversation of at least 2 that ends with the assistant's answer; got "
                            + roles(messages));
        }
        return new Example.Messages(messages);
    }

    /** The prompt is what the two conversations have in common. */
    private static Example implicit(JsonFields fields) {
        for (String key : List.of("chosen", "rejected")) {
            if (!isList(fields, key)) {
                throw fields.problem(
                        key,
                        key + " is a list of messages where there is no prompt beside it; got "
                                + JsonFields.kind(fields.value(key).orElseThrow()));
            }
        }
        List<Message> chosen = messages(fields, "chosen");
        List<Message> rejected = messages(fields, "rejected");
        int common = Math.min(chosen.size(), rejected.size()) - 1;
        if (common < 1
                || chosen.size() != rejected.size()
                || !chosen.subList(0, common).equals(rejected.subList(0, common))) {
            throw fields.problem(
                    "chosen",
                    "chosen and rejected are the same messages but for the last, which answers them; got "
                            + chosen.size() + " and " + rejected.size() + " messages");
        }
        return new Example.Preference(
                open(fields, "chosen", chosen.subList(0, common)),
                last(fields, "chosen", chosen.subList(common, common + 1)),
                last(fields, "rejected", rejected.subList(common, common + 1)));
    }

    private static List<Message> prompt(JsonFields fields) {
        return isList(fields, "prompt")
                ? open(fields, "prompt", messages(fields, "prompt"))
                : List.of(new Message("user", text(fields, "prompt")));
    }

    /** What waits for an answer. */
    private static List<Message> open(JsonFields fields, String key, List<Message> messages) {
        if (messages.isEmpty() || messages.get(messages.size() - 1).role().equals(ASSISTANT)) {
            throw fields.problem(
                    key,
                    key + " has at least one message before the answer, the last of them not the assistant's; got "
                            + roles(messages));
        }
        return messages;
    }

    private static String answer(JsonFields fields, String key) {
        return isList(fields, "prompt") && isList(fields, key)
                ? last(fields, key, messages(fields, key))
                : text(fields, key);
    }

    private static String last(JsonFields fields, String key, List<Message> messages) {
        if (messages.size() != 1 || !messages.get(0).role().equals(ASSISTANT)) {
            throw fields.problem(key, key + " is one message of the assistant; got " + roles(messages));
        }
        return messages.get(0).content();
    }

    private static boolean isList(JsonFields fields, String key) {
        return fields.value(key).filter(JsonNode::isArray).isPresent();
    }

    private static String text(JsonFields fields, String key) {
        return fields.text(key, ExampleParser.LONGEST_TEXT);
    }

    private static boolean flag(JsonFields fields, String key) {
        return fields.optionalFlag(key).orElseThrow(() -> fields.missing(key, "true or false"));
    }

    private static List<Message> messages(JsonFields fields, String key) {
        List<Message> messages = new ArrayList<>();
        for (JsonNode element : fields.elements(key, MOST_MESSAGES)) {
            JsonFields message = JsonFields.of(element, key + "[" + messages.size() + "]", List.of("role", "content"));
            String role = message.oneOf("role", ROLES);
            messages.add(new Message(role.equals("developer") ? "system" : role, text(message, "content")));
        }
        return messages;
    }

    private static List<String> roles(List<Message> messages) {
        return messages.stream().map(Message::role).toList();
    }
}
