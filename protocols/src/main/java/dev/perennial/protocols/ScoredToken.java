package dev.perennial.protocols;

import java.util.List;

/**
 * A token of a completion, and what could have stood there.
 *
 * @param offset where it begins in the completion's text, in characters (code points) from 0
 * @param alternatives the most probable tokens there, best first; the chosen one may be among them
 */
public record ScoredToken(TokenLogprob chosen, int offset, List<TokenLogprob> alternatives) {
    public ScoredToken {
        alternatives = List.copyOf(alternatives);
    }
}
