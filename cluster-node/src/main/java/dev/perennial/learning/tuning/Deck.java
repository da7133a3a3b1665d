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
        this(pool, seed, pool.size());
    }

    private Deck(List<T> pool, long seed, int at) {
        this.items = new ArrayList<>(pool);
        this.random = new SplittableRandom(seed);
        this.at = at;
    }

    /** A deck whose first time round is in the order of the pool. */
    public static <T> Deck<T> firstInOrder(List<T> pool, long seed) {
        return new Deck<>(pool, seed, 0);
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
