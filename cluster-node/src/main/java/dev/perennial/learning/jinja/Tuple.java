package dev.perennial.learning.jinja;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list that is no Python list: a tuple, or what a method or filter yields one by one, which has no text. */
final class Tuple extends AbstractList<@Nullable Object> {
    private final List<@Nullable Object> items;
    private final boolean view;

    private Tuple(List<@Nullable Object> items, boolean view) {
        this.items = items;
        this.view = view;
    }

    static Tuple of(List<@Nullable Object> items) {
        return new Tuple(items, false);
    }

    static Tuple pair(@Nullable Object first, @Nullable Object second) {
        return new Tuple(Arrays.asList(first, second), false);
    }

    static Tuple view(List<@Nullable Object> items) {
        return new Tuple(items, true);
    }

    boolean isView() {
        return view;
    }

    @Override
    public @Nullable Object get(int index) {
        return items.get(index);
    }

    @Override
    public int size() {
        return items.size();
    }
}
