package dev.perennial.learning.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop}. */
final class Loop {
    private final List<@Nullable Object> items;
    private final long depth;
    private int index;

    Loop(List<@Nullable Object> items, @Nullable Object outer) {
        this.items = items;
        this.depth = outer instanceof Loop loop ? loop.depth + 1 : 1;
    }

    void at(int next) {
        index = next;
    }

    @Nullable
    Object get(String name) {
        int size = items.size();
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) size - index;
            case "revindex0" -> (long) size - index - 1;
            case "first" -> index == 0;
            case "last" -> index == size - 1;
            case "length" -> (long) size;
            case "depth" -> depth;
            case "depth0" -> depth - 1;
            case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("loop.previtem");
            case "nextitem" -> index + 1 < size ? items.get(index + 1) : new Undefined("loop.nextitem");
            case "cycle" ->
                (Callable) (arguments, budget) -> arguments
                        .positional()
                        .get(index % arguments.positional().size());
            default -> throw new TemplateException("loop." + name + " is not supported");
        };
    }
}
