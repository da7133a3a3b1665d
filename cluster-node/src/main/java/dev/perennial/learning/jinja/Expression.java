package dev.perennial.learning.jinja;

import org.jspecify.annotations.Nullable;

/** An expression, made ready by {@link ExpressionParser}. */
@FunctionalInterface
interface Expression {
    @Nullable
    Object evaluate(Scope scope);
}
