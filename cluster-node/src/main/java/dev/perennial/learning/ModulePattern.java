package dev.perennial.learning;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Values for some modules, as PEFT's {@code rank_pattern} and {@code alpha_pattern} give them: the first key that, as a
 * regular expression, matches a module's path or the end of it after a dot says the module's value.
 */
public final class ModulePattern<V> {
    private static final int MOST = 1024;
    private static final int LONGEST_KEY = 512;

    private final Map<String, V> entries;
    private final List<Map.Entry<ModuleExpression, V>> rules = new ArrayList<>();

    /** @throws LearningException where there are too many keys or one is no expression that is read */
    public ModulePattern(Map<String, V> entries) {
        this.entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        if (entries.size() > MOST) {
            throw new LearningException("a pattern has at most " + MOST + " keys; got " + entries.size());
        }
        this.entries.forEach((key, value) -> {
            if (key.length() > LONGEST_KEY) {
                throw new LearningException(
                        "a key of a pattern has at most " + LONGEST_KEY + " characters; got " + key.length());
            }
            // the very expression that PEFT makes of a key (get_pattern_key)
            rules.add(Map.entry(new ModuleExpression("(.*\\.)?(" + key + ")$"), value));
        });
    }

    /** No module has a value of its own. */
    public static <V> ModulePattern<V> none() {
        return new ModulePattern<>(Map.of());
    }

    Optional<V> of(String path) {
        return rules.stream()
                .filter(rule -> rule.getKey().begins(path))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Keys and values in their order. */
    public Map<String, V> entries() {
        return entries;
    }

    @Override
    public boolean equals(Object other) {
        // the order decides between keys that match the same module
        return other instanceof ModulePattern<?> pattern
                && List.copyOf(entries.entrySet()).equals(List.copyOf(pattern.entries.entrySet()));
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    @Override
    public String toString() {
        return entries.toString();
    }
}
