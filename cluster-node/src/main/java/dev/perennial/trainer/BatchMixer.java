package dev.perennial.trainer;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Mixes each batch from several pools in fixed parts. Every pool is gone through in a fresh seeded order again and again, so
 * that no item is seen twice before all have been seen once.
 */
final class BatchMixer<T> {
    private final List<Deck<T>> decks = new ArrayList<>();
    private final List<Integer> parts = new ArrayList<>();

    /** Adds a pool of which each batch takes {@code part} items; an empty pool or part adds nothing. */
    BatchMixer<T> with(List<T> pool, int part, long seed) {
        if (!pool.isEmpty() && part > 0) {
            decks.add(new Deck<>(pool, seed));
            parts.add(part);
        }
        return this;
    }

    List<T> next() {
        List<T> batch = new ArrayList<>();
        for (int i = 0; i < decks.size(); i++) {
            for (int n = 0; n < parts.get(i); n++) {
                batch.add(decks.get(i).draw());
            }
        }
        return batch;
    }

    private static final class Deck<T> {
        private final List<T> items;
        private final SplittableRandom random;
        private int at;

        Deck(List<T> pool, long seed) {
            this.items = new ArrayList<>(pool);
            this.random = new SplittableRandom(seed);
            this.at = items.size();
        }

        T draw() {
            if (at == items.size()) {
                for (int i = items.size() - 1; i > 0; i--) {
                    java.util.Collections.swap(items, i, random.nextInt(i + 1));
                }
                at = 0;
            }
            return items.get(at++);
        }
    }
}
