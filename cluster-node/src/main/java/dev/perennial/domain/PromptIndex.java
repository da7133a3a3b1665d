package dev.perennial.domain;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * Which examples ask the same.
 *
 * @param keys of the examples, by what they ask; none is empty
 */
record PromptIndex<K extends Comparable<K>>(TreePMap<String, TreePSet<K>> keys) {
    static <K extends Comparable<K>> PromptIndex<K> empty() {
        return new PromptIndex<>(TreePMap.empty());
    }

    /**
     * All at once.
     *
     * @param promptId what a value asks
     */
    static <K extends Comparable<K>, V> PromptIndex<K> of(
            SortedMap<K, V> values, Function<V, Optional<String>> promptId) {
        TreeMap<String, TreePSet<K>> keys = new TreeMap<>();
        values.forEach((key, value) -> promptId.apply(value)
                .ifPresent(prompt -> keys.merge(prompt, TreePSet.singleton(key), TreePSet::plusAll)));
        return new PromptIndex<>(TreePMap.fromSortedMap(keys));
    }

    /** What asks nothing is left out. */
    PromptIndex<K> plus(Optional<String> promptId, K key) {
        return promptId.map(prompt ->
                        new PromptIndex<>(keys.plus(prompt, of(promptId).plus(key))))
                .orElse(this);
    }

    PromptIndex<K> minus(Optional<String> promptId, K key) {
        TreePSet<K> rest = of(promptId).minus(key);
        return promptId.map(prompt -> new PromptIndex<>(rest.isEmpty() ? keys.minus(prompt) : keys.plus(prompt, rest)))
                .orElse(this);
    }

    TreePSet<K> of(Optional<String> promptId) {
        return promptId.map(keys::get).orElseGet(TreePSet::empty);
    }
}
