package dev.perennial.intake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Reads JSON from strangers: one value, valid UTF-8, no duplicate keys, bounded depth and number length. Errors say where
 * in the text they are and nothing of the classes that found them.
 */
public final class StrictJson {
    private static final int DEEPEST = 64;
    private static final int LONGEST_NUMBER = 100;
    private static final int LONGEST_NAME = 1_000;
    private static final Pattern INTERNALS = Pattern.compile(
            "\\s*\\((?:start marker at|for \\w+ starting at)?\\s*\\[Source:.*|,? from `[^`]*`|\\(byte\\[]\\)|"
                    + "\\s*\\(start marker at .*|`?com\\.fasterxml[\\w.$`]*");
    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(LONGEST_NUMBER)
                    .maxNameLength(LONGEST_NAME)
                    .build())
            .build());

    private StrictJson() {}

    /** @throws ProblemException with the line and column of what is wrong */
    public static JsonNode read(ByteBuffer bytes) {
        String text = decode(bytes);
        try (JsonParser parser = MAPPER.createParser(text)) {
            return single(parser);
        } catch (IOException e) {
            throw new AssertionError("reading from memory", e);
        }
    }

    private static JsonNode single(JsonParser parser) throws IOException {
        try {
            if (parser.nextToken() == null) {
                throw malformed("it is empty; expected a JSON value");
            }
            JsonNode value = MAPPER.readTree(parser);
            if (parser.nextToken() != null) {
                throw malformed("there is more after the first value, " + place(parser.currentTokenLocation()));
            }
            return value;
        } catch (JsonProcessingException e) {
            String what = INTERNALS.matcher(e.getOriginalMessage()).replaceAll("");
            // Exceeded bounds come without a place of their own.
            throw malformed(what + ", " + place(Objects.requireNonNullElse(e.getLocation(), parser.currentLocation())));
        }
    }

    private static String decode(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes)
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(
                    new Problem(Problem.Kind.INVALID, "the text is not valid UTF-8", null, "invalid_utf8"));
        }
    }

    private static String place(JsonLocation location) {
        return "at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static ProblemException malformed(String why) {
        return new ProblemException(
                new Problem(Problem.Kind.INVALID, "the JSON is malformed: " + why, null, "malformed_json"));
    }
}
