package dev.perennial.learning.tuning;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Items in a seeded order, each once before any comes again, and in a fresh order each time round. For one thread. */
public final class Deck<T> {
    private final List<T> items;
    private final SplittableRandom random;
    private int at;

    /** @param pool at least one item */
    public Deck(List<T> pool, long seed) {
        this.items = new ArrayList<>(pool);
        this.random = new SplittableRandom(seed);
        this.at = items.size();
    }

    public T draw() {
        if (at == items.size()) {
            for (int i = items.size() - 1; i > 0; i--) {
                Collections.swap(items, i, random.nextInt(i + 1));
            }
            at = 0;
        }
        return items.get(at++);
    }

    /** As many as asked, or those that are left of this time round. */
    public List<T> draw(int most) {
        List<T> drawn = new ArrayList<>();
        do {
            drawn.add(draw());
        } while (drawn.size() < most && at < items.size());
        return drawn;
    }
}
