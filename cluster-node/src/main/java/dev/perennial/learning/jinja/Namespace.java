package dev.perennial.learning.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code namespace(...)}: a box that loops and macros may change. */
final class Namespace {
    private final Map<String, @Nullable Object> values = new HashMap<>();

    static Namespace of(Arguments arguments) {
        Namespace namespace = new Namespace();
        for (Object source : arguments.positional()) {
            if (!(source instanceof Map<?, ?> map)) {
                throw new TemplateException("namespace takes names and values");
            }
            map.forEach((name, value) -> namespace.set(String.valueOf(name), value));
        }
        arguments.named().forEach(namespace::set);
        return namespace;
    }

    void set(String name, @Nullable Object value) {
        if (name.startsWith("_")) {
            throw new TemplateException("a namespace cannot hold '" + name + "': it begins with an underscore");
        }
        values.put(name, value);
    }

    @Nullable
    Object get(String name) {
        return values.containsKey(name) ? values.get(name) : new Undefined(name);
    }
}
