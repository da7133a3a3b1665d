package dev.perennial.learning.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One link of a chain as in {@code a < b <= c}, which holds where all its links do. */
record Comparison(String operator, Expression right) {
    static boolean all(@Nullable Object first, List<Comparison> comparisons, Scope scope) {
        Object left = first;
        for (Comparison comparison : comparisons) {
            Object right = comparison.right().evaluate(scope);
            Budget budget = scope.budget();
            boolean holds = switch (comparison.operator()) {
                case "==" -> Values.equal(left, right, budget);
                case "!=" -> !Values.equal(left, right, budget);
                case "<" -> Values.compare(left, right, budget) < 0;
                case "<=" -> Values.compare(left, right, budget) <= 0;
                case ">" -> Values.compare(left, right, budget) > 0;
                case ">=" -> Values.compare(left, right, budget) >= 0;
                case "in" -> Values.contains(right, left, budget);
                case "not in" -> !Values.contains(right, left, budget);
                default -> throw new AssertionError(comparison.operator());
            };
            if (!holds) {
                return false;
            }
            left = right;
        }
        return true;
    }
}
