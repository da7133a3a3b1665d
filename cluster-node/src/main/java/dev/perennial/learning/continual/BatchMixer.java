package dev.perennial.learning.continual;

import dev.perennial.learning.tuning.Deck;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Mixes each batch from several pools in fixed parts. Every pool is gone through in a fresh seeded order again and again, so
 * that no item is seen twice before all have been seen once.
 */
final class BatchMixer<T> {
    private final List<Deck<T>> decks = new ArrayList<>();
    private final List<Integer> parts = new ArrayList<>();

    /** Adds a pool of which each batch takes {@code part} items; an empty pool or part adds nothing. */
    BatchMixer<T> with(List<T> pool, int part, long seed) {
        return with(pool, part, () -> new Deck<>(pool, seed));
    }

    /** As the other, but that the pool is gone through in its own order first. */
    BatchMixer<T> withFirstInOrder(List<T> pool, int part, long seed) {
        return with(pool, part, () -> Deck.firstInOrder(pool, seed));
    }

    private BatchMixer<T> with(List<T> pool, int part, Supplier<Deck<T>> deck) {
        if (!pool.isEmpty() && part > 0) {
            decks.add(deck.get());
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
}
