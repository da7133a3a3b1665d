package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which bytes each token of a {@code tokenizer.json} stands for: decoding a token on its own cannot tell, as one may hold a
 * part of a character. The vocabulary spells them in GPT-2's alphabet of bytes (the decoder {@code ByteLevel}) or in
 * SentencePiece's, where U+2581 is a blank and {@code <0xNN>} a byte. Immutable.
 */
final class TokenSpellings {
    private static final String BLANK = "\u2581";
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");
    private static final Map<Character, Integer> ALPHABET = alphabet();

    private final Map<Integer, String> pieces = new HashMap<>();
    private final Set<Integer> special = new HashSet<>();
    private final boolean byteLevel;
    private final boolean byteFallback;
    private final boolean blanks;
    private final boolean dropsFirstBlank;

    /** @param file the JSON of {@code tokenizer.json} */
    TokenSpellings(JsonNode file) {
        JsonNode vocabulary = file.path("model").path("vocab");
        vocabulary
                .fields()
                .forEachRemaining(entry -> pieces.put(entry.getValue().asInt(), entry.getKey()));
        // A list of pieces and scores in place of a map, as Unigram has it.
        for (int id = 0; vocabulary.isArray() && id < vocabulary.size(); id++) {
            pieces.put(id, vocabulary.path(id).path(0).asText());
        }
        for (JsonNode added : file.path("added_tokens")) {
            pieces.put(added.path("id").asInt(), added.path("content").asText());
            if (added.path("special").asBoolean()) {
                special.add(added.path("id").asInt());
            }
        }
        JsonNode decoder = file.path("decoder");
        List<JsonNode> steps = decoder.path("type").asText().equals("Sequence")
                ? IntStream.range(0, decoder.path("decoders").size())
                        .mapToObj(decoder.path("decoders")::path)
                        .toList()
                : List.of(decoder);
        this.byteLevel = steps.stream().anyMatch(step -> is(step, "ByteLevel"));
        this.byteFallback = steps.stream().anyMatch(step -> is(step, "ByteFallback"));
        Optional<JsonNode> metaspace =
                steps.stream().filter(step -> is(step, "Metaspace")).findFirst();
        this.blanks = metaspace.isPresent()
                || steps.stream()
                        .anyMatch(step -> is(step, "Replace")
                                && step.path("pattern").path("String").asText().equals(BLANK));
        this.dropsFirstBlank = metaspace
                        .filter(step -> !step.path("prepend_scheme").asText().equals("never"))
                        .isPresent()
                || steps.stream()
                        .anyMatch(step -> is(step, "Strip")
                                && step.path("content").asText().equals(" ")
                                && step.path("start").asInt() > 0);
    }

    private static boolean is(JsonNode step, String type) {
        return step.path("type").asText().equals(type);
    }

    /** @param first whether no text comes before it, where some tokenizers drop a blank */
    TokenSpelling of(int id, boolean first) {
        String piece = pieces.get(id);
        if (piece == null || special.contains(id)) {
            return new TokenSpelling(piece == null ? "" : piece, Optional.empty());
        }
        byte[] all = bytes(piece);
        int from = first && dropsFirstBlank && all.length > 0 && all[0] == ' ' ? 1 : 0;
        ByteBuffer bytes = ByteBuffer.wrap(all, from, all.length - from);
        List<Integer> values =
                IntStream.range(from, all.length).mapToObj(i -> all[i] & 0xff).toList();
        return new TokenSpelling(text(bytes), Optional.of(values));
    }

    private byte[] bytes(String piece) {
        if (byteLevel) {
            byte[] spelt = spelt(piece);
            return spelt == null ? piece.getBytes(StandardCharsets.UTF_8) : spelt;
        }
        Matcher single = BYTE.matcher(piece);
        if (byteFallback && single.matches()) {
            return new byte[] {(byte) Integer.parseInt(single.group(1), 16)};
        }
        return (blanks ? piece.replace(BLANK, " ") : piece).getBytes(StandardCharsets.UTF_8);
    }

    /** Null where it is not in GPT-2's alphabet, as an added token may be, which then stands for itself. */
    private static byte @Nullable [] spelt(String piece) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < piece.length(); i++) {
            Integer value = ALPHABET.get(piece.charAt(i));
            if (value == null) {
                return null;
            }
            bytes.write(value);
        }
        return bytes.toByteArray();
    }

    private static String text(ByteBuffer bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer characters = CharBuffer.allocate(bytes.remaining());
        StringBuilder text = new StringBuilder();
        while (bytes.hasRemaining()) {
            CoderResult result = decoder.reset().decode(bytes, characters, true);
            text.append(characters.flip());
            characters.clear();
            for (int n = 0; result.isError() && n < result.length(); n++) {
                text.append(String.format("\\x%02x", bytes.get() & 0xff));
            }
        }
        return text.toString();
    }

    /** GPT-2's {@code bytes_to_unicode}, from character to byte: what can be printed stands for itself, the rest from U+0100 on. */
    private static Map<Character, Integer> alphabet() {
        Map<Character, Integer> alphabet = new HashMap<>();
        int others = 0;
        for (int value = 0; value < 256; value++) {
            boolean printable = (value >= '!' && value <= '~') || (value >= 0xa1 && value != 0xad);
            alphabet.put((char) (printable ? value : 0x100 + others++), value);
        }
        return Map.copyOf(alphabet);
    }
}
