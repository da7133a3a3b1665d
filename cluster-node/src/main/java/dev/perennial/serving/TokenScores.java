package dev.perennial.serving;

import dev.perennial.learning.Decoder;
import dev.perennial.learning.TokenSpelling;
import dev.perennial.learning.Tokenizer;
import dev.perennial.protocols.ScoredToken;
import dev.perennial.protocols.TokenLogprob;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Spells out the tokens of one completion, in their order, and knows where in its text each of them is. For one thread. */
final class TokenScores {
    private final Tokenizer tokenizer;
    /** Bytes that are no character become U+FFFD, as they do in the text. */
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    /** The beginning of a character of which more may come. */
    private ByteBuffer begun = ByteBuffer.allocate(0);
    /** Code points before it. */
    private int characters;

    private boolean first = true;

    TokenScores(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    ScoredToken next(Decoder.Token token) {
        List<TokenLogprob> alternatives = token.alternatives().stream()
                .map(other -> spelt(other.id(), other.logProbability()))
                .toList();
        TokenLogprob chosen = spelt(token.id(), token.logProbability());
        List<Integer> bytes = chosen.bytes().orElse(List.of());
        if (!bytes.isEmpty() && !continuesCharacter(bytes.get(0))) {
            decode(true);
        }
        // What goes on with a character is where the character is.
        int offset = characters;
        ByteBuffer joined =
                ByteBuffer.allocate(begun.remaining() + bytes.size()).put(begun);
        bytes.forEach(value -> joined.put(value.byteValue()));
        begun = joined.flip();
        decode(false);
        first &= chosen.bytes().isEmpty();
        return new ScoredToken(chosen, offset, alternatives);
    }

    /** @param last whether no more comes of a character that has begun */
    private void decode(boolean last) {
        CharBuffer decoded = CharBuffer.allocate(begun.remaining());
        decoder.reset().decode(begun, decoded, last);
        characters += (int) decoded.flip().codePoints().count();
    }

    private TokenLogprob spelt(int id, double logProbability) {
        TokenSpelling spelling = tokenizer.spelling(id, first);
        return new TokenLogprob(spelling.text(), spelling.bytes(), logProbability);
    }

    private static boolean continuesCharacter(int utf8) {
        return (utf8 & 0xC0) == 0x80;
    }
}
