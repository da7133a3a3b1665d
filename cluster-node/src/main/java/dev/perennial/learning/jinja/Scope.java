package dev.perennial.learning.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and their values; what is set inside of a loop, macro or block is not seen outside of it. */
final class Scope {
    private final @Nullable Scope parent;
    private final Budget budget;
    private final Map<String, @Nullable Object> values = new HashMap<>();

    Scope(Budget budget) {
        this.parent = null;
        this.budget = budget;
    }

    private Scope(Scope parent) {
        this.parent = parent;
        this.budget = parent.budget;
    }

    Scope inner() {
        budget.charge(1);
        return new Scope(this);
    }

    Budget budget() {
        return budget;
    }

    void set(String name, @Nullable Object value) {
        values.put(name, value);
    }

    @Nullable
    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            if (scope.values.containsKey(name)) {
                return scope.values.get(name);
            }
        }
        return new Undefined(name);
    }
}
