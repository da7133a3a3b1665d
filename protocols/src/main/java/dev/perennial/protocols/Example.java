package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** One unit of training or evaluation data, as it is kept in the example store. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "form")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Example.Text.class, name = "text"),
    @JsonSubTypes.Type(value = Example.Completion.class, name = "completion"),
    @JsonSubTypes.Type(value = Example.Messages.class, name = "messages"),
    @JsonSubTypes.Type(value = Example.Preference.class, name = "preference"),
    @JsonSubTypes.Type(value = Example.Labelled.class, name = "labelled")
})
public sealed interface Example {
    /** A document; every token is learned. */
    record Text(String text) implements Example {}

    /** One question and its answer; only the answer is learned. */
    record Completion(String prompt, String completion) implements Example {}

    /** A conversation that ends with the assistant's answer; only that answer is learned. */
    record Messages(List<Message> messages) implements Example {
        public Messages {
            messages = List.copyOf(messages);
        }
    }

    /**
     * Two answers of the assistant to one conversation, of which the one is better than the other. Neither need be right.
     *
     * @param prompt at least one message, the last not the assistant's
     */
    record Preference(List<Message> prompt, String chosen, String rejected) implements Example {
        public Preference {
            prompt = List.copyOf(prompt);
        }
    }

    /**
     * One answer of the assistant to a conversation, and whether such an answer is wanted.
     *
     * @param prompt at least one message, the last not the assistant's
     */
    record Labelled(
            List<Message> prompt,
            String completion,
            @JsonProperty("label") boolean desirable) implements Example {
        public Labelled {
            prompt = List.copyOf(prompt);
        }
    }

    /** @param role one of {@code system}, {@code user}, {@code assistant} */
    record Message(String role, String content) {}
}
