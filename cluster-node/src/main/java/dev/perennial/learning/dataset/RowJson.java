package dev.perennial.learning.dataset;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The JSON of one row: one value, valid UTF-8, no duplicate keys, bounded depth. */
final class RowJson {
    private static final int DEEPEST = 64;
    /** Where a parser's messages speak of its own classes, and repeat the place. */
    private static final Pattern INTERNALS = Pattern.compile(
            "\\s*\\((?:start marker at|for \\w+ starting at)?\\s*\\[Source:.*|,? from `[^`]*`|\\s*\\(start marker at .*");

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private RowJson() {}

    static JsonNode parse(byte[] bytes) throws BadRow {
        String text = decode(bytes);
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            // Exceeded bounds come without a place.
            @Nullable JsonLocation place = e.getLocation();
            String what = INTERNALS.matcher(e.getOriginalMessage()).replaceAll("");
            throw new BadRow(
                    place == null ? 0 : place.getLineNr() - 1,
                    "the JSON is malformed: " + what + (place == null ? "" : ", at column " + place.getColumnNr()));
        }
    }

    private static String decode(byte[] bytes) throws BadRow {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(in, out, true);
        if (result.isError()) {
            long linesDown = 0;
            for (int i = 0; i < in.position(); i++) {
                linesDown += bytes[i] == '\n' ? 1 : 0;
            }
            throw new BadRow(
                    linesDown,
                    String.format(
                            "expected UTF-8; got byte 0x%02X at byte %d of the row, which is not",
                            bytes[in.position()], in.position() + 1));
        }
        return out.flip().toString();
    }

    /** What a value is, for messages. */
    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> node.textValue().isBlank() ? "blank text" : "text";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case ARRAY -> node.isEmpty() ? "an empty list" : "a list";
            case OBJECT -> "an object";
            case NULL -> "null";
            case MISSING -> "nothing";
            case BINARY, POJO -> throw new AssertionError(node.getNodeType());
        };
    }
}
