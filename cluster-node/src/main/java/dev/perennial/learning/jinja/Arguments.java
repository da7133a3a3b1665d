package dev.perennial.learning.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Arguments of a call by place and by name, and how a builtin takes them. */
record Arguments(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** Refuses more arguments, or others by name, than a builtin knows. */
    Arguments only(String callee, String... names) {
        if (positional.size() > names.length) {
            throw new TemplateException(
                    callee + " takes at most " + names.length + " arguments, got " + positional.size());
        }
        for (String name : named.keySet()) {
            int place = List.of(names).indexOf(name);
            if (place < 0 || place < positional.size()) {
                throw new TemplateException(callee + " got an unexpected argument '" + name + "'");
            }
        }
        return this;
    }

    boolean has(int place, String name) {
        return place < positional.size() || named.containsKey(name);
    }

    @Nullable
    Object get(int place, String name, @Nullable Object otherwise) {
        return place < positional.size()
                ? positional.get(place)
                : named.containsKey(name) ? named.get(name) : otherwise;
    }

    @Nullable
    Object require(int place, String name) {
        if (!has(place, name)) {
            throw new TemplateException("argument '" + name + "' is missing");
        }
        return get(place, name, null);
    }

    String text(int place, String name) {
        Object value = require(place, name);
        if (value instanceof String text) {
            return text;
        }
        throw new TemplateException(
                "argument '" + name + "' is " + Values.typeName(value) + " where a string was expected");
    }

    long integer(int place, String name, long otherwise) {
        return has(place, name) ? Values.integer(get(place, name, null)) : otherwise;
    }
}
