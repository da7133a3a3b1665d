package dev.perennial.learning.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands between the brackets of a call, to be evaluated at each call. */
record ArgumentList(List<Expression> positional, Map<String, Expression> named) {
    static final ArgumentList NONE = new ArgumentList(List.of(), Map.of());

    Arguments evaluate(Scope scope) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        named.forEach((name, value) -> values.put(name, value.evaluate(scope)));
        return new Arguments(all(positional, scope), values);
    }

    static List<@Nullable Object> all(List<Expression> items, Scope scope) {
        scope.budget().list(items.size());
        List<@Nullable Object> values = new ArrayList<>(items.size());
        items.forEach(item -> values.add(item.evaluate(scope)));
        return values;
    }
}
