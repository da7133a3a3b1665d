package dev.perennial.learning.jinja;

import dev.perennial.learning.jinja.Statement.Flow;
import dev.perennial.learning.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a template's tags: if, for, set, macro, filter, generation, break, continue. Others are refused by name. */
final class StatementParser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private int loops;

    StatementParser(String source) {
        this.tokens = new TokenStream(Lexer.read(source));
        this.expressions = new ExpressionParser(tokens);
    }

    Statement template() {
        return body(Set.of());
    }

    /** Everything up to a tag of one of these names, which is left for the caller with its begin taken. */
    private Statement body(Set<String> ends) {
        tokens.enter();
        List<Statement> parts = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.kind()) {
                case DATA ->
                    parts.add((scope, out) -> {
                        out.write(token.text());
                        return Flow.ON;
                    });
                case VARIABLE_BEGIN -> parts.add(output());
                case BLOCK_BEGIN -> {
                    if (ends.contains(tokens.current().text())) {
                        tokens.leave();
                        return new Sequence(List.copyOf(parts));
                    }
                    parts.add(tag());
                }
                default -> {
                    if (!ends.isEmpty()) {
                        throw new TemplateException("the template ends where one of " + ends + " was expected");
                    }
                    tokens.leave();
                    return new Sequence(List.copyOf(parts));
                }
            }
        }
    }

    private record Sequence(List<Statement> parts) implements Statement {
        @Override
        public Flow render(Scope scope, Output out) {
            for (Statement part : parts) {
                scope.budget().step();
                Flow flow = part.render(scope, out);
                if (flow != Flow.ON) {
                    return flow;
                }
            }
            return Flow.ON;
        }
    }

    private Statement output() {
        Expression value = expressions.tuple();
        tokens.expect(Kind.VARIABLE_END);
        return (scope, out) -> {
            out.write(Values.text(value.evaluate(scope), scope.budget()));
            return Flow.ON;
        };
    }

    private Statement tag() {
        Token token = tokens.expect(Kind.NAME);
        return switch (token.text()) {
            case "if" -> conditional();
            case "for" -> loop();
            case "set" -> assignment();
            case "macro" -> macro();
            case "filter" -> filtered();
            case "generation" -> generation();
            case "break", "continue" -> jump(token);
            default ->
                throw new TemplateException(
                        "line " + token.line() + ": the tag '" + token.text() + "' is not supported here");
        };
    }

    private void endTag() {
        tokens.next();
        tokens.expect(Kind.BLOCK_END);
    }

    private Statement conditional() {
        Expression condition = expressions.tuple();
        tokens.expect(Kind.BLOCK_END);
        Statement then = body(Set.of("elif", "else", "endif"));
        Statement otherwise = new Sequence(List.of());
        if (tokens.skipName("elif")) {
            otherwise = conditional();
        } else if (tokens.current().isName("else")) {
            endTag();
            otherwise = body(Set.of("endif"));
            endTag();
        } else {
            endTag();
        }
        Statement last = otherwise;
        return (scope, out) -> (Values.truth(condition.evaluate(scope)) ? then : last).render(scope, out);
    }

    private Statement loop() {
        List<String> names = names();
        tokens.expectName("in");
        Expression source = expressions.or();
        Expression condition = tokens.skipName("if") ? expressions.expression() : null;
        if (tokens.current().isName("recursive")) {
            throw tokens.unexpected("recursive loops are not supported");
        }
        tokens.expect(Kind.BLOCK_END);
        loops++;
        Statement body = body(Set.of("else", "endfor"));
        loops--;
        Statement otherwise = new Sequence(List.of());
        if (tokens.current().isName("else")) {
            endTag();
            otherwise = body(Set.of("endfor"));
        }
        endTag();
        Statement empty = otherwise;
        return (scope, out) -> {
            List<@Nullable Object> items = chosen(source, condition, names, scope);
            return items.isEmpty() ? empty.render(scope.inner(), out) : repeat(items, names, body, scope, out);
        };
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        boolean bracket = tokens.skipOperator("(");
        do {
            names.add(tokens.expect(Kind.NAME).text());
        } while (tokens.skipOperator(","));
        if (bracket) {
            tokens.expectOperator(")");
        }
        return names;
    }

    private static List<@Nullable Object> chosen(
            Expression source, @Nullable Expression condition, List<String> names, Scope scope) {
        List<@Nullable Object> items = Values.items(source.evaluate(scope), scope.budget());
        if (condition != null) {
            items.removeIf(item -> {
                Scope inner = scope.inner();
                assign(inner, names, item);
                return !Values.truth(condition.evaluate(inner));
            });
        }
        return items;
    }

    private static Flow repeat(
            List<@Nullable Object> items, List<String> names, Statement body, Scope scope, Output out) {
        Loop loop = new Loop(items, scope.get("loop"));
        for (int i = 0; i < items.size(); i++) {
            scope.budget().step();
            Scope inner = scope.inner();
            loop.at(i);
            inner.set("loop", loop);
            assign(inner, names, items.get(i));
            if (body.render(inner, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.ON;
    }

    private static void assign(Scope scope, List<String> names, @Nullable Object value) {
        if (names.size() == 1) {
            scope.set(names.get(0), value);
            return;
        }
        List<@Nullable Object> parts = Values.items(value, scope.budget());
        if (parts.size() != names.size()) {
            throw new TemplateException("cannot give " + parts.size() + " values to the names " + names);
        }
        for (int i = 0; i < parts.size(); i++) {
            scope.set(names.get(i), parts.get(i));
        }
    }

    private Statement assignment() {
        if (tokens.following().isOperator(".")) {
            return change();
        }
        List<String> names = names();
        if (tokens.skipOperator("=")) {
            Expression value = expressions.tuple();
            tokens.expect(Kind.BLOCK_END);
            return (scope, out) -> {
                assign(scope, names, value.evaluate(scope));
                return Flow.ON;
            };
        }
        Expression text = block("endset");
        return (scope, out) -> {
            assign(scope, names, text.evaluate(scope));
            return Flow.ON;
        };
    }

    /** {@code set namespace.name = value}. */
    private Statement change() {
        String box = tokens.expect(Kind.NAME).text();
        tokens.expectOperator(".");
        String name = tokens.expect(Kind.NAME).text();
        tokens.expectOperator("=");
        Expression value = expressions.tuple();
        tokens.expect(Kind.BLOCK_END);
        return (scope, out) -> {
            if (!(scope.get(box) instanceof Namespace namespace)) {
                throw new TemplateException("cannot set '" + box + "." + name + "': it is no namespace");
            }
            namespace.set(name, value.evaluate(scope));
            return Flow.ON;
        };
    }

    /** The text of a tag's body, through the filters that the tag names. */
    private Expression block(String end) {
        int from = loops;
        loops = 0;
        Expression[] text = new Expression[1];
        Expression filtered = scope -> text[0].evaluate(scope);
        while (tokens.skipOperator("|")) {
            filtered = expressions.filter(filtered);
        }
        tokens.expect(Kind.BLOCK_END);
        Statement body = body(Set.of(end));
        endTag();
        loops = from;
        text[0] = scope -> {
            Output inner = new Output(scope.budget());
            body.render(scope.inner(), inner);
            return inner.toString();
        };
        return filtered;
    }

    private Statement filtered() {
        int from = loops;
        loops = 0;
        Expression[] text = new Expression[1];
        Expression value = expressions.filter(scope -> text[0].evaluate(scope));
        while (tokens.skipOperator("|")) {
            value = expressions.filter(value);
        }
        Expression result = value;
        text[0] = block("endfilter");
        loops = from;
        return (scope, out) -> {
            out.write(Values.text(result.evaluate(scope), scope.budget()));
            return Flow.ON;
        };
    }

    /** What transformers marks the assistant's part with; it is rendered as what it holds. */
    private Statement generation() {
        Expression text = block("endgeneration");
        return (scope, out) -> {
            out.write(Values.text(text.evaluate(scope), scope.budget()));
            return Flow.ON;
        };
    }

    private Statement jump(Token token) {
        if (loops == 0) {
            throw new TemplateException("line " + token.line() + ": " + token.text() + " outside of a loop");
        }
        tokens.expect(Kind.BLOCK_END);
        Flow flow = token.text().equals("break") ? Flow.BREAK : Flow.CONTINUE;
        return (scope, out) -> flow;
    }

    private Statement macro() {
        String name = tokens.expect(Kind.NAME).text();
        Map<String, @Nullable Expression> parameters = new LinkedHashMap<>();
        tokens.expectOperator("(");
        while (!tokens.skipOperator(")")) {
            String parameter = tokens.expect(Kind.NAME).text();
            parameters.put(parameter, tokens.skipOperator("=") ? expressions.expression() : null);
            if (!tokens.current().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        Expression text = block("endmacro");
        return (scope, out) -> {
            scope.set(name, (Callable) (given, budget) -> {
                given.only("the macro " + name, parameters.keySet().toArray(String[]::new));
                Scope inner = scope.inner();
                int place = 0;
                for (Map.Entry<String, @Nullable Expression> parameter : parameters.entrySet()) {
                    Expression otherwise = parameter.getValue();
                    Object value = given.has(place, parameter.getKey())
                            ? given.get(place, parameter.getKey(), null)
                            : otherwise == null ? new Undefined(parameter.getKey()) : otherwise.evaluate(inner);
                    inner.set(parameter.getKey(), value);
                    place++;
                }
                budget.enter();
                Object written = text.evaluate(inner);
                budget.leave();
                return written;
            });
            return Flow.ON;
        };
    }
}
