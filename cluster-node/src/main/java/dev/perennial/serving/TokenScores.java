package dev.perennial.serving;

import dev.perennial.learning.Decoder;
import dev.perennial.learning.TokenSpelling;
import dev.perennial.learning.Tokenizer;
import dev.perennial.protocols.ScoredToken;
import dev.perennial.protocols.TokenLogprob;
import java.util.List;

/** Spells out the tokens of one completion, in their order, and knows where in its text each of them is. For one thread. */
final class TokenScores {
    private final Tokenizer tokenizer;
    /** Code points that have begun. */
    private int characters;

    private boolean begun;

    TokenScores(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    ScoredToken next(Decoder.Token token) {
        List<TokenLogprob> alternatives = token.alternatives().stream()
                .map(other -> spelt(other.id(), other.logProbability()))
                .toList();
        TokenLogprob chosen = spelt(token.id(), token.logProbability());
        List<Integer> bytes = chosen.bytes().orElse(List.of());
        // What goes on with a character is where the character is.
        boolean within = characters > 0 && !bytes.isEmpty() && continuesCharacter(bytes.get(0));
        int offset = within ? characters - 1 : characters;
        characters +=
                (int) bytes.stream().filter(value -> !continuesCharacter(value)).count();
        begun |= chosen.bytes().isPresent();
        return new ScoredToken(chosen, offset, alternatives);
    }

    private TokenLogprob spelt(int id, double logProbability) {
        TokenSpelling spelling = tokenizer.spelling(id, !begun);
        return new TokenLogprob(spelling.text(), spelling.bytes(), logProbability);
    }

    private static boolean continuesCharacter(int utf8) {
        return (utf8 & 0xC0) == 0x80;
    }
}
