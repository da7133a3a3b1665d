package dev.perennial.learning.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jinja2's tests ({@code x is …}) as far as they are supported; any other is refused by name. */
final class Tests {
    private static final Map<String, Test> ALL = Map.ofEntries(
            Map.entry("defined", of(value -> !(value instanceof Undefined))),
            Map.entry("undefined", of(Undefined.class::isInstance)),
            Map.entry("none", of(value -> value == null)),
            Map.entry("string", of(String.class::isInstance)),
            Map.entry("mapping", of(Map.class::isInstance)),
            Map.entry("boolean", of(Boolean.class::isInstance)),
            Map.entry("true", of(Boolean.TRUE::equals)),
            Map.entry("false", of(Boolean.FALSE::equals)),
            Map.entry("integer", of(Long.class::isInstance)),
            Map.entry("float", of(Double.class::isInstance)),
            Map.entry("number", of(Values::isNumber)),
            Map.entry(
                    "iterable", of(value -> isSequence(value) || value instanceof List || value instanceof Undefined)),
            Map.entry("sequence", of(Tests::isSequence)),
            Map.entry("callable", of(Callable.class::isInstance)),
            Map.entry("odd", of(value -> Math.floorMod(Values.integer(value), 2) == 1)),
            Map.entry("even", of(value -> Math.floorMod(Values.integer(value), 2) == 0)),
            Map.entry("lower", (value, given, budget) -> isCase(Values.text(value, budget), false)),
            Map.entry("upper", (value, given, budget) -> isCase(Values.text(value, budget), true)),
            Map.entry(
                    "divisibleby",
                    (value, given, budget) -> Math.floorMod(Values.integer(value), given.integer(0, "num", 0)) == 0),
            Map.entry("in", (value, given, budget) -> Values.contains(given.require(0, "seq"), value, budget)),
            Map.entry("eq", Tests::equal),
            Map.entry("equalto", Tests::equal),
            Map.entry("==", Tests::equal),
            Map.entry("ne", (value, given, budget) -> !equal(value, given, budget)),
            Map.entry("!=", (value, given, budget) -> !equal(value, given, budget)),
            Map.entry("lt", (value, given, budget) -> order(value, given, budget) < 0),
            Map.entry("gt", (value, given, budget) -> order(value, given, budget) > 0),
            Map.entry("le", (value, given, budget) -> order(value, given, budget) <= 0),
            Map.entry("ge", (value, given, budget) -> order(value, given, budget) >= 0));

    /** Whether something holds of a value. */
    @FunctionalInterface
    interface Test {
        boolean holds(@Nullable Object value, Arguments arguments, Budget budget);
    }

    @FunctionalInterface
    private interface Plain {
        boolean holds(@Nullable Object value);
    }

    private Tests() {}

    static Test find(String name) {
        Test test = ALL.get(name);
        if (test == null) {
            throw new TemplateException("the test 'is " + name + "' is not supported");
        }
        return test;
    }

    private static Test of(Plain plain) {
        return (value, given, budget) -> {
            given.only("the test");
            return plain.holds(value);
        };
    }

    private static boolean isSequence(@Nullable Object value) {
        return value instanceof String
                || value instanceof Map
                || (value instanceof List && !(value instanceof Tuple tuple && tuple.isView()));
    }

    private static boolean isCase(String text, boolean upper) {
        return text.equals(upper ? Strings.upper(text) : Strings.lower(text))
                && text.codePoints().anyMatch(Character::isLetter);
    }

    private static boolean equal(@Nullable Object value, Arguments given, Budget budget) {
        return Values.equal(value, given.require(0, "other"), budget);
    }

    private static int order(@Nullable Object value, Arguments given, Budget budget) {
        return Values.compare(value, given.require(0, "other"), budget);
    }
}
