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
import java.util.stream.Stream;

/**
 * By what an example is known where its text is not. They are in journals, and must never change.
 *
 * <p>A question is all that comes before the last answer: two forms of one conversation ask the same, and so do two writings
 * of it that differ in white space alone. Upper and lower case may ask for different things: Co is no CO.
 *
 * <p>A preference asks which of its two answers is the better one, in whatever order they come, and answers with the chosen; a
 * labelled completion asks whether that answer is wanted, and answers yes or no. So a preference contradicts only the same
 * two answers the other way round, a label only the other label, and neither of them what somebody teaches as the answer.
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
        ArrayNode asked = MAPPER.createArrayNode();
        if (example instanceof Example.Preference pair) {
            add(asked.add("preference"), pair.prompt());
            Stream.of(pair.chosen(), pair.rejected())
                    .map(Digests::spaced)
                    .sorted()
                    .forEach(asked::add);
        } else if (example instanceof Example.Labelled labelled) {
            add(asked.add("labelled"), labelled.prompt());
            asked.add(spaced(labelled.completion()));
        } else {
            List<Example.Message> turns = turns(example);
            add(asked, turns.subList(0, Math.max(0, turns.size() - 1)));
        }
        return asked.isEmpty() ? Optional.empty() : Optional.of(of(asked.toString(), QUESTION_BYTES));
    }

    /** Of what is answered; empty for a document. */
    static Optional<String> answer(Example example) {
        if (example instanceof Example.Preference pair) {
            return Optional.of(of(spaced(pair.chosen()), QUESTION_BYTES));
        }
        if (example instanceof Example.Labelled labelled) {
            return Optional.of(of(String.valueOf(labelled.desirable()), QUESTION_BYTES));
        }
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

    private static void add(ArrayNode asked, List<Example.Message> turns) {
        turns.forEach(turn -> asked.add(turn.role()).add(spaced(turn.content())));
    }

    private static String spaced(String text) {
        return SPACES.matcher(text.strip()).replaceAll(" ");
    }
}
