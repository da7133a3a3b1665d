package dev.perennial.learning.jinja;

import dev.perennial.learning.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads expressions with the precedences of {@code jinja2.parser}; each method is named as there. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream tokens;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** Any expression but a bare tuple. */
    Expression expression() {
        tokens.enter();
        Expression value = or();
        while (tokens.skipName("if")) {
            Expression then = value;
            Expression condition = or();
            // Jinja2 gives an undefined value here, which is written as nothing: who leaves the else out means that.
            Expression otherwise = tokens.skipName("else") ? expression() : scope -> "";
            value = scope -> (Values.truth(condition.evaluate(scope)) ? then : otherwise).evaluate(scope);
        }
        tokens.leave();
        return value;
    }

    /** An expression, or several with commas between them. */
    Expression tuple() {
        Expression first = expression();
        if (!tokens.current().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && !endsTuple()) {
            items.add(expression());
        }
        return scope -> Tuple.of(ArgumentList.all(items, scope));
    }

    private boolean endsTuple() {
        Token token = tokens.current();
        return token.kind() == Kind.BLOCK_END || token.kind() == Kind.VARIABLE_END || token.isOperator(")");
    }

    Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            Expression first = left;
            Expression second = and();
            left = scope -> {
                Object value = first.evaluate(scope);
                return Values.truth(value) ? value : second.evaluate(scope);
            };
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            Expression first = left;
            Expression second = not();
            left = scope -> {
                Object value = first.evaluate(scope);
                return Values.truth(value) ? second.evaluate(scope) : value;
            };
        }
        return left;
    }

    private Expression not() {
        if (!tokens.skipName("not")) {
            return compare();
        }
        tokens.enter();
        Expression value = not();
        tokens.leave();
        return scope -> !Values.truth(value.evaluate(scope));
    }

    private Expression compare() {
        Expression left = sum();
        List<Comparison> comparisons = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                tokens.next();
                comparisons.add(new Comparison(token.text(), sum()));
            } else if (tokens.skipName("in")) {
                comparisons.add(new Comparison("in", sum()));
            } else if (token.isName("not") && tokens.following().isName("in")) {
                tokens.next();
                tokens.next();
                comparisons.add(new Comparison("not in", sum()));
            } else {
                return comparisons.isEmpty() ? left : scope -> Comparison.all(left.evaluate(scope), comparisons, scope);
            }
        }
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
            String operator = tokens.next().text();
            left = binary(operator, left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (tokens.skipOperator("~")) {
            Expression first = left;
            Expression second = product();
            left = scope -> Arithmetic.apply(
                    "+",
                    Values.text(first.evaluate(scope), scope.budget()),
                    Values.text(second.evaluate(scope), scope.budget()),
                    scope.budget());
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (tokens.current().kind() == Kind.OPERATOR
                && Set.of("*", "/", "//", "%").contains(tokens.current().text())) {
            String operator = tokens.next().text();
            left = binary(operator, left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = binary("**", left, unary(true));
        }
        return left;
    }

    private static Expression binary(String operator, Expression left, Expression right) {
        return scope -> {
            scope.budget().step();
            return Arithmetic.apply(operator, left.evaluate(scope), right.evaluate(scope), scope.budget());
        };
    }

    private Expression unary(boolean filtered) {
        tokens.enter();
        Expression value;
        if (tokens.skipOperator("-")) {
            Expression positive = unary(false);
            value = scope -> Arithmetic.negative(positive.evaluate(scope));
        } else if (tokens.skipOperator("+")) {
            value = unary(false);
        } else {
            value = primary();
        }
        value = postfix(value);
        tokens.leave();
        return filtered ? filters(value) : value;
    }

    private Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case NAME ->
                switch (token.text()) {
                    case "true", "True" -> scope -> true;
                    case "false", "False" -> scope -> false;
                    case "none", "None" -> scope -> null;
                    default -> name(token.text());
                };
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.current().kind() == Kind.STRING) {
                    text.append(tokens.next().text());
                }
                String value = text.toString();
                yield scope -> value;
            }
            case INTEGER -> number(token);
            case FLOAT -> {
                double value = Double.parseDouble(token.text());
                yield scope -> value;
            }
            case OPERATOR -> bracketed(token);
            default -> throw new TemplateException("line " + token.line() + ": expected an expression");
        };
    }

    private static Expression number(Token token) {
        try {
            long value = Long.parseLong(token.text());
            return scope -> value;
        } catch (NumberFormatException e) {
            throw new TemplateException("line " + token.line() + ": " + token.text() + " has more than 64 bits");
        }
    }

    private static Expression name(String name) {
        return scope -> {
            scope.budget().step();
            return scope.get(name);
        };
    }

    private Expression bracketed(Token token) {
        switch (token.text()) {
            case "(" -> {
                if (tokens.skipOperator(")")) {
                    return scope -> Tuple.of(List.of());
                }
                Expression value = tuple();
                tokens.expectOperator(")");
                return value;
            }
            case "[" -> {
                List<Expression> items = new ArrayList<>();
                while (!tokens.skipOperator("]")) {
                    items.add(expression());
                    if (!tokens.current().isOperator("]")) {
                        tokens.expectOperator(",");
                    }
                }
                return scope -> ArgumentList.all(items, scope);
            }
            case "{" -> {
                return dictionary();
            }
            default -> throw new TemplateException("line " + token.line() + ": unexpected '" + token.text() + "'");
        }
    }

    private Expression dictionary() {
        Map<Expression, Expression> entries = new LinkedHashMap<>();
        while (!tokens.skipOperator("}")) {
            Expression key = expression();
            tokens.expectOperator(":");
            entries.put(key, expression());
            if (!tokens.current().isOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return scope -> {
            scope.budget().list(entries.size());
            Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
            entries.forEach((key, value) -> map.put(Values.key(key.evaluate(scope)), value.evaluate(scope)));
            return map;
        };
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            Expression target = value;
            if (tokens.skipOperator(".")) {
                Token token = tokens.next();
                if (token.kind() == Kind.NAME) {
                    value = scope -> Values.attribute(target.evaluate(scope), token.text());
                } else if (token.kind() == Kind.INTEGER) {
                    long place = Long.parseLong(token.text());
                    value = scope -> Values.subscript(target.evaluate(scope), place);
                } else {
                    throw new TemplateException("line " + token.line() + ": expected a name after '.'");
                }
            } else if (tokens.skipOperator("[")) {
                value = subscript(target);
            } else if (tokens.current().isOperator("(")) {
                value = call(target);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression target) {
        @Nullable Expression[] parts = new @Nullable Expression[3];
        int part = 0;
        while (!tokens.skipOperator("]")) {
            if (tokens.skipOperator(":")) {
                part++;
            } else if (part < 3 && parts[part] == null) {
                parts[part] = expression();
            } else {
                throw tokens.unexpected("expected ']'");
            }
        }
        Expression start = parts[0];
        if (part == 0 && start != null) {
            return scope -> Values.subscript(target.evaluate(scope), start.evaluate(scope));
        } else if (part == 0 || part > 2) {
            throw tokens.unexpected("expected a subscript or slice of at most three parts");
        }
        return scope -> Values.slice(
                target.evaluate(scope),
                start == null ? null : start.evaluate(scope),
                parts[1] == null ? null : parts[1].evaluate(scope),
                parts[2] == null ? null : parts[2].evaluate(scope),
                scope.budget());
    }

    private Expression call(Expression target) {
        int line = tokens.current().line();
        ArgumentList arguments = arguments();
        return scope -> {
            Object callee = target.evaluate(scope);
            if (callee instanceof Callable callable) {
                scope.budget().step();
                return callable.call(arguments.evaluate(scope), scope.budget());
            }
            throw new TemplateException("line " + line + ": cannot call " + Values.typeName(callee));
        };
    }

    private ArgumentList arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!tokens.skipOperator(")")) {
            if (tokens.current().kind() == Kind.NAME && tokens.following().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expression());
            } else if (named.isEmpty()
                    && !tokens.current().isOperator("*")
                    && !tokens.current().isOperator("**")) {
                positional.add(expression());
            } else {
                throw tokens.unexpected("expected a named argument");
            }
            if (!tokens.current().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new ArgumentList(positional, named);
    }

    private Expression filters(Expression start) {
        Expression value = start;
        while (true) {
            Expression target = value;
            if (tokens.skipOperator("|")) {
                value = filter(target);
            } else if (tokens.skipName("is")) {
                value = test(target);
            } else if (tokens.current().isOperator("(")) {
                value = call(target);
            } else {
                return value;
            }
        }
    }

    Expression filter(Expression target) {
        Filters.Filter filter = Filters.find(tokens.expect(Kind.NAME).text());
        ArgumentList arguments = tokens.current().isOperator("(") ? arguments() : ArgumentList.NONE;
        return scope -> {
            scope.budget().step();
            return filter.apply(target.evaluate(scope), arguments.evaluate(scope), scope.budget());
        };
    }

    private Expression test(Expression target) {
        boolean wanted = !tokens.skipName("not");
        Tests.Test test = Tests.find(tokens.expect(Kind.NAME).text());
        ArgumentList arguments = ArgumentList.NONE;
        Token token = tokens.current();
        if (token.isOperator("(")) {
            arguments = arguments();
        } else if (startsArgument(token)) {
            arguments = new ArgumentList(List.of(postfix(primary())), Map.of());
        }
        ArgumentList given = arguments;
        return scope -> {
            scope.budget().step();
            return test.holds(target.evaluate(scope), given.evaluate(scope), scope.budget()) == wanted;
        };
    }

    private static boolean startsArgument(Token token) {
        return switch (token.kind()) {
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            case NAME -> !Set.of("else", "or", "and", "if", "is", "in", "not").contains(token.text());
            default -> false;
        };
    }
}
