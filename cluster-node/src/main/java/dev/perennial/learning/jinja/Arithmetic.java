package dev.perennial.learning.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's operators on numbers, strings and lists; ints beyond 64 bits are an error. */
final class Arithmetic {
    private Arithmetic() {}

    static Object apply(String operator, @Nullable Object a, @Nullable Object b, Budget budget) {
        try {
            if (Values.isNumber(a) && Values.isNumber(b)) {
                return Values.isReal(a, b)
                        ? onReals(operator, Values.real(a), Values.real(b))
                        : onIntegers(operator, Values.integer(a), Values.integer(b));
            } else if (operator.equals("+")) {
                return joined(a, b, budget);
            } else if (operator.equals("*") && (b instanceof Long || b instanceof Boolean)) {
                return repeated(a, Values.integer(b), budget);
            } else if (operator.equals("*") && (a instanceof Long || a instanceof Boolean)) {
                return repeated(b, Values.integer(a), budget);
            }
        } catch (ArithmeticException e) {
            throw new TemplateException("cannot compute " + a + " " + operator + " " + b + ": " + e.getMessage());
        }
        throw unsupported(operator, a, b);
    }

    static Object negative(@Nullable Object value) {
        return value instanceof Double d ? (Object) (-d) : (Object) Math.negateExact(Values.integer(value));
    }

    private static Object joined(@Nullable Object a, @Nullable Object b, Budget budget) {
        if (a instanceof String x && b instanceof String y) {
            budget.text((long) x.length() + y.length());
            return x + y;
        } else if (a instanceof List<?> x && b instanceof List<?> y && ((a instanceof Tuple) == (b instanceof Tuple))) {
            budget.list((long) x.size() + y.size());
            List<@Nullable Object> all = new ArrayList<>(x);
            all.addAll(y);
            return a instanceof Tuple ? Tuple.of(all) : all;
        }
        throw unsupported("+", a, b);
    }

    private static Object repeated(@Nullable Object what, long times, Budget budget) {
        long most = Math.max(0, times);
        if (what instanceof String text) {
            budget.text(Math.multiplyExact(most, (long) text.length()));
            return text.isEmpty() ? text : text.repeat((int) most);
        } else if (what instanceof List<?> list) {
            budget.list(Math.multiplyExact(most, (long) list.size()));
            List<@Nullable Object> all = new ArrayList<>();
            for (long i = 0; i < (list.isEmpty() ? 0 : most); i++) {
                all.addAll(list);
            }
            return what instanceof Tuple ? Tuple.of(all) : all;
        }
        throw unsupported("*", what, times);
    }

    private static Object onIntegers(String operator, long a, long b) {
        return switch (operator) {
            case "+" -> Math.addExact(a, b);
            case "-" -> Math.subtractExact(a, b);
            case "*" -> Math.multiplyExact(a, b);
            case "/" -> divided((double) a, (double) b);
            case "//" -> Math.floorDiv(a, b);
            case "%" -> Math.floorMod(a, b);
            case "**" -> power(a, b);
            default -> throw new AssertionError(operator);
        };
    }

    private static Object onReals(String operator, double a, double b) {
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> divided(a, b);
            case "//" -> Math.floor(divided(a, b));
            case "%" -> a - b * Math.floor(divided(a, b));
            case "**" -> Math.pow(a, b);
            default -> throw new AssertionError(operator);
        };
    }

    private static double divided(double a, double b) {
        if (b == 0) {
            throw new ArithmeticException("division by zero");
        }
        return a / b;
    }

    private static Object power(long base, long exponent) {
        if (exponent < 0) {
            return Math.pow((double) base, (double) exponent);
        } else if (exponent > 63 && Math.abs(base) > 1) {
            throw new ArithmeticException("the result has more than 64 bits");
        }
        // Of 0, 1 and -1 only the parity of a large exponent matters.
        long small = exponent > 63 ? 62 + exponent % 2 : exponent;
        return BigInteger.valueOf(base).pow((int) small).longValueExact();
    }

    private static TemplateException unsupported(String operator, @Nullable Object a, @Nullable Object b) {
        for (Object side : new @Nullable Object[] {a, b}) {
            if (side instanceof Undefined undefined) {
                return undefined.refused();
            }
        }
        return new TemplateException(
                "'" + operator + "' is not defined for " + Values.typeName(a) + " and " + Values.typeName(b));
    }
}
