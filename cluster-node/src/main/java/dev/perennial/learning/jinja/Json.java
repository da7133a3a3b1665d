package dev.perennial.learning.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The filter {@code tojson} as transformers defines it: {@code json.dumps} without ASCII or HTML escapes. */
final class Json {
    private final Budget budget;
    private final boolean ascii;
    private final boolean sorted;
    private final @Nullable String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final StringBuilder out = new StringBuilder();

    private Json(Arguments arguments, Budget budget) {
        arguments.only("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
        this.budget = budget;
        this.ascii = Values.truth(arguments.get(0, "ensure_ascii", false));
        this.indent = indent(arguments.get(1, "indent", null), budget);
        this.sorted = Values.truth(arguments.get(3, "sort_keys", false));
        Object separators = arguments.get(2, "separators", null);
        if (separators == null) {
            this.itemSeparator = indent == null ? ", " : ",";
            this.keySeparator = ": ";
        } else if (separators instanceof List<?> pair
                && pair.size() == 2
                && pair.get(0) instanceof String item
                && pair.get(1) instanceof String key) {
            this.itemSeparator = item;
            this.keySeparator = key;
        } else {
            throw new TemplateException("tojson takes two strings as separators");
        }
    }

    static String dump(@Nullable Object value, Arguments arguments, Budget budget) {
        Json json = new Json(arguments, budget);
        json.write(value, 1);
        return budget.made(json.out.toString());
    }

    private static @Nullable String indent(@Nullable Object given, Budget budget) {
        if (given == null || given instanceof String) {
            return (String) given;
        }
        long width = Math.max(0, Values.integer(given));
        budget.text(width);
        return " ".repeat((int) width);
    }

    private void write(@Nullable Object value, int depth) {
        budget.text(out.length() > Budget.LARGEST_TEXT ? out.length() : 1);
        if (value == null || value instanceof Boolean || value instanceof Long) {
            out.append(value);
        } else if (value instanceof Double d) {
            out.append(real(d));
        } else if (value instanceof String text) {
            string(text);
        } else if (value instanceof Map<?, ?> map) {
            map(map, depth);
        } else if (value instanceof List<?> list && !(value instanceof Tuple tuple && tuple.isView())) {
            list(list, depth);
        } else if (value instanceof Undefined undefined) {
            throw undefined.refused();
        } else {
            throw new TemplateException("tojson cannot write a function, generator or namespace");
        }
    }

    private void list(List<?> list, int depth) {
        out.append('[');
        String separator = "";
        for (Object item : list) {
            out.append(separator);
            line(depth);
            write(item, depth + 1);
            separator = itemSeparator;
        }
        close(list.isEmpty(), depth, ']');
    }

    private void map(Map<?, ?> map, int depth) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted) {
            entries.sort(Comparator.comparing(Map.Entry::getKey, (a, b) -> Values.compare(a, b, budget)));
        }
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : entries) {
            out.append(separator);
            line(depth);
            string(key(entry.getKey()));
            out.append(keySeparator);
            write(entry.getValue(), depth + 1);
            separator = itemSeparator;
        }
        close(map.isEmpty(), depth, '}');
    }

    private void line(int depth) {
        if (indent != null) {
            budget.text((long) indent.length() * depth);
            out.append('\n').append(indent.repeat(depth));
        }
    }

    private void close(boolean empty, int depth, char bracket) {
        if (!empty) {
            line(depth - 1);
        }
        out.append(bracket);
    }

    private static String key(@Nullable Object key) {
        return key instanceof Double d ? real(d) : String.valueOf(key);
    }

    private static String real(double value) {
        return Double.isNaN(value)
                ? "NaN"
                : Double.isInfinite(value) ? value > 0 ? "Infinity" : "-Infinity" : PythonText.real(value);
    }

    private void string(String text) {
        budget.text(text.length());
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || (ascii && c > 0x7e)) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
