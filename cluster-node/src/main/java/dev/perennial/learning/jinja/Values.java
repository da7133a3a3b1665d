package dev.perennial.learning.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How Python sees values: truth, equality, order, members. */
final class Values {
    private Values() {}

    /** A value from outside as the interpreter knows it; anything but None, bool, numbers, str, list, dict is refused. */
    static @Nullable Object plain(@Nullable Object value) {
        if (value == null
                || value instanceof Boolean
                || value instanceof String
                || value instanceof Long
                || value instanceof Double
                || value instanceof Callable) {
            return value;
        } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        } else if (value instanceof BigInteger big) {
            return big.longValueExact();
        } else if (value instanceof Float f) {
            return f.doubleValue();
        } else if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>();
            list.forEach(item -> copy.add(plain(item)));
            return copy;
        } else if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, item) -> copy.put(String.valueOf(key), plain(item)));
            return copy;
        }
        throw new TemplateException(
                "a template cannot be given a " + value.getClass().getName());
    }

    static String typeName(@Nullable Object value) {
        if (value == null) {
            return "None";
        } else if (value instanceof Undefined undefined) {
            return "undefined ('" + undefined.what() + "')";
        } else if (value instanceof String) {
            return "a string";
        } else if (value instanceof Boolean) {
            return "a bool";
        } else if (value instanceof Long) {
            return "an int";
        } else if (value instanceof Double) {
            return "a float";
        } else if (value instanceof Map) {
            return "a dict";
        } else if (value instanceof List) {
            return "a list";
        }
        return "a function or namespace";
    }

    static boolean truth(@Nullable Object value) {
        if (value == null || value instanceof Undefined) {
            return false;
        } else if (value instanceof Boolean b) {
            return b;
        } else if (value instanceof Long l) {
            return l != 0;
        } else if (value instanceof Double d) {
            return d != 0;
        } else if (value instanceof String s) {
            return !s.isEmpty();
        } else if (value instanceof Tuple tuple && tuple.isView()) {
            return true;
        } else if (value instanceof List<?> list) {
            return !list.isEmpty();
        } else if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        return true;
    }

    /** What a value is written as; nothing is written for what is not there. */
    static String text(@Nullable Object value, Budget budget) {
        return value instanceof String text ? text : new PythonText(budget).of(value);
    }

    /** An int, or a bool as one. */
    static long integer(@Nullable Object value) {
        if (value instanceof Boolean b) {
            return b ? 1 : 0;
        } else if (value instanceof Long l) {
            return l;
        }
        throw new TemplateException("expected an int, got " + typeName(value));
    }

    static boolean isNumber(@Nullable Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    /** Whether an operator on two numbers is one on floats. */
    static boolean isReal(@Nullable Object a, @Nullable Object b) {
        return a instanceof Double || b instanceof Double;
    }

    static double real(@Nullable Object value) {
        return value instanceof Double d ? d : (double) integer(value);
    }

    static boolean equal(@Nullable Object a, @Nullable Object b, Budget budget) {
        budget.step();
        if (isNumber(a) && isNumber(b)) {
            return isReal(a, b) ? real(a) == real(b) : integer(a) == integer(b);
        } else if (a instanceof String x && b instanceof String y) {
            budget.charge(Math.min(x.length(), y.length()) / 16);
            return x.equals(y);
        } else if (a instanceof Undefined || b instanceof Undefined) {
            return a instanceof Undefined && b instanceof Undefined;
        } else if (a instanceof List<?> x && b instanceof List<?> y) {
            boolean same = x.size() == y.size() && ((a instanceof Tuple) == (b instanceof Tuple));
            for (int i = 0; same && i < x.size(); i++) {
                same = equal(x.get(i), y.get(i), budget);
            }
            return same;
        } else if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            boolean same = x.size() == y.size();
            for (Map.Entry<?, ?> entry : x.entrySet()) {
                same = same && y.containsKey(entry.getKey()) && equal(entry.getValue(), y.get(entry.getKey()), budget);
            }
            return same;
        }
        return Objects.equals(a, b);
    }

    static int compare(@Nullable Object a, @Nullable Object b, Budget budget) {
        budget.step();
        if (isNumber(a) && isNumber(b)) {
            return isReal(a, b) ? Double.compare(real(a), real(b)) : Long.compare(integer(a), integer(b));
        } else if (a instanceof String x && b instanceof String y) {
            budget.charge(Math.min(x.length(), y.length()));
            return Arrays.compare(x.codePoints().toArray(), y.codePoints().toArray());
        } else if (a instanceof List<?> x && b instanceof List<?> y) {
            for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
                int order = compare(x.get(i), y.get(i), budget);
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(x.size(), y.size());
        }
        throw new TemplateException("cannot order " + typeName(a) + " and " + typeName(b));
    }

    /** {@code member in container}. */
    static boolean contains(@Nullable Object container, @Nullable Object member, Budget budget) {
        if (container instanceof String text) {
            if (!(member instanceof String sought)) {
                throw new TemplateException("'in' of a string needs a string, got " + typeName(member));
            }
            budget.search(text, sought);
            return text.contains(sought);
        } else if (container instanceof Map<?, ?> map) {
            return map.containsKey(key(member));
        } else if (container instanceof List<?> list) {
            return list.stream().anyMatch(item -> equal(item, member, budget));
        } else if (container instanceof Undefined undefined) {
            throw undefined.refused();
        }
        throw new TemplateException("cannot look for something in " + typeName(container));
    }

    /** The elements that a loop sees: those of a list, the keys of a dict, the characters of a string. */
    static List<@Nullable Object> items(@Nullable Object value, Budget budget) {
        if (value instanceof List<?> list) {
            budget.list(list.size());
            return new ArrayList<>(list);
        } else if (value instanceof Map<?, ?> map) {
            budget.list(map.size());
            return new ArrayList<>(map.keySet());
        } else if (value instanceof String text) {
            budget.list(text.length());
            return new ArrayList<>(
                    text.codePoints().mapToObj(Character::toString).toList());
        } else if (value instanceof Undefined undefined) {
            throw undefined.refused();
        }
        throw new TemplateException("cannot go through " + typeName(value));
    }

    static long length(@Nullable Object value) {
        if (value instanceof String text) {
            return text.codePointCount(0, text.length());
        } else if (value instanceof List<?> list && !(value instanceof Tuple tuple && tuple.isView())) {
            return list.size();
        } else if (value instanceof Map<?, ?> map) {
            return map.size();
        } else if (value instanceof Undefined) {
            return 0;
        }
        throw new TemplateException(typeName(value) + " has no length");
    }

    /** {@code target.name}. */
    static @Nullable Object attribute(@Nullable Object target, String name) {
        if (target instanceof Undefined undefined) {
            throw undefined.refused();
        } else if (name.startsWith("_")) {
            throw new TemplateException("the attribute '" + name + "' is not allowed: it begins with an underscore");
        } else if (target instanceof Namespace namespace) {
            return namespace.get(name);
        } else if (target instanceof Loop loop) {
            return loop.get(name);
        }
        Callable method = Methods.find(target, name);
        if (method != null) {
            return method;
        }
        return target instanceof Map<?, ?> map && map.containsKey(name) ? map.get(name) : new Undefined(name);
    }

    /** {@code target[key]}; an index out of range gives nothing, as in Jinja2. */
    static @Nullable Object subscript(@Nullable Object target, @Nullable Object key) {
        if (target instanceof Undefined undefined) {
            throw undefined.refused();
        } else if (target instanceof Map<?, ?> map) {
            return map.containsKey(key(key)) ? map.get(key(key)) : new Undefined(String.valueOf(key));
        } else if (key instanceof Long || key instanceof Boolean) {
            return element(target, integer(key));
        } else if (target instanceof Namespace || target instanceof Loop) {
            return attribute(target, String.valueOf(key));
        }
        return new Undefined(String.valueOf(key));
    }

    private static @Nullable Object element(@Nullable Object target, long index) {
        long size = target instanceof String || target instanceof List ? length(target) : 0;
        long at = index < 0 ? index + size : index;
        if (at < 0 || at >= size) {
            return new Undefined("[" + index + "]");
        } else if (target instanceof String text) {
            return Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) at)));
        }
        return ((List<?>) Objects.requireNonNull(target)).get((int) at);
    }

    /** {@code target[start:stop:step]}, each of them None where it is left out. */
    static Object slice(
            @Nullable Object target,
            @Nullable Object start,
            @Nullable Object stop,
            @Nullable Object step,
            Budget budget) {
        if (target instanceof Undefined undefined) {
            throw undefined.refused();
        } else if (!(target instanceof String) && !(target instanceof List)) {
            throw new TemplateException("cannot slice " + typeName(target));
        }
        List<@Nullable Object> all = items(target, budget);
        long by = step == null ? 1 : integer(step);
        if (by == 0) {
            throw new TemplateException("the step of a slice cannot be zero");
        }
        long size = all.size();
        long first = bound(start, by > 0 ? 0 : size - 1, size, by);
        long end = bound(stop, by > 0 ? size : -1, size, by);
        List<@Nullable Object> chosen = new ArrayList<>();
        for (long i = first; by > 0 ? i < end : i > end; i += by) {
            chosen.add(all.get((int) i));
        }
        if (target instanceof String) {
            StringBuilder text = new StringBuilder();
            chosen.forEach(text::append);
            return text.toString();
        }
        return target instanceof Tuple ? Tuple.of(chosen) : chosen;
    }

    private static long bound(@Nullable Object given, long otherwise, long size, long step) {
        if (given == null) {
            return otherwise;
        }
        long at = integer(given);
        at = at < 0 ? at + size : at;
        return step > 0 ? Math.max(0, Math.min(at, size)) : Math.max(-1, Math.min(at, size - 1));
    }

    /** What may name an entry of a dict. */
    static @Nullable Object key(@Nullable Object value) {
        if (value instanceof List || value instanceof Map || value instanceof Undefined) {
            throw new TemplateException(typeName(value) + " cannot be the key of a dict");
        }
        return value;
    }
}
