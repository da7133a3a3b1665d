package dev.perennial.learning.jinja;

import dev.perennial.learning.jinja.Token.Kind;
import java.util.List;

/** Where a parser stands. */
final class TokenStream {
    /** Deeper ones would overflow the stack of whoever reads or renders the template. */
    private static final int DEEPEST = 100;

    private final List<Token> tokens;
    private int at;
    private int depth;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token following() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = current();
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    boolean skipOperator(String operator) {
        boolean there = current().isOperator(operator);
        if (there) {
            next();
        }
        return there;
    }

    boolean skipName(String name) {
        boolean there = current().isName(name);
        if (there) {
            next();
        }
        return there;
    }

    Token expect(Kind kind) {
        if (current().kind() != kind) {
            throw unexpected("expected " + kind);
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("expected '" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("expected '" + name + "'");
        }
    }

    void enter() {
        depth++;
        if (depth > DEEPEST) {
            throw new TemplateException("line " + current().line() + ": nested more than " + DEEPEST + " deep");
        }
    }

    void leave() {
        depth--;
    }

    TemplateException unexpected(String expected) {
        Token token = current();
        return new TemplateException("line " + token.line() + ": " + expected + ", got "
                + (token.text().isEmpty() ? token.kind() : "'" + token.text() + "'"));
    }
}
