package dev.perennial.intake;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.protocols.Example;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * By what an example is known where its text is not. They are in journals, and must never change.
 *
 * <p>A question is all that comes before the last answer: two forms of one conversation ask the same, and so do two writings
 * of it that differ in white space alone. Upper and lower case may ask for different things: Co is no CO.
 */
final class Digests {
    private static final int QUESTION_BYTES = 8;
    private static final Pattern SPACES = Pattern.compile("\\s+");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Digests() {}

    /** The first bytes of a text's SHA-256, in hex. */
    static String of(String text, int bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(digest, bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** Of what is asked; empty for a document. */
    static Optional<String> prompt(Example example) {
        List<Example.Message> turns = turns(example);
        ArrayNode asked = MAPPER.createArrayNode();
        turns.stream()
                .limit(Math.max(0, turns.size() - 1))
                .forEach(turn -> asked.add(turn.role()).add(spaced(turn.content())));
        return asked.isEmpty() ? Optional.empty() : Optional.of(of(asked.toString(), QUESTION_BYTES));
    }

    /** Of what is answered; empty for a document. */
    static Optional<String> answer(Example example) {
        List<Example.Message> turns = turns(example);
        return turns.isEmpty()
                ? Optional.empty()
                : Optional.of(of(spaced(turns.get(turns.size() - 1).content()), QUESTION_BYTES));
    }

    private static List<Example.Message> turns(Example example) {
        if (example instanceof Example.Text) {
            return List.of();
        }
        if (example instanceof Example.Completion pair) {
            return List.of(
                    new Example.Message("user", pair.prompt()), new Example.Message("assistant", pair.completion()));
        }
        if (example instanceof Example.Messages conversation) {
            return conversation.messages();
        }
        throw new AssertionError(example);
    }

    private static String spaced(String text) {
        return SPACES.matcher(text.strip()).replaceAll(" ");
    }
}
