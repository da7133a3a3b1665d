package dev.perennial.simulations.world;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Draws from lists with an explicit source of randomness; results depend on the seed and the order of the list alone. */
final class Draw {
    private Draw() {}

    static <T> T one(List<T> items, SplittableRandom random) {
        return items.get(random.nextInt(items.size()));
    }

    /** Fisher and Yates: every order is equally likely. */
    static <T> List<T> shuffled(List<T> items, SplittableRandom random) {
        var result = new ArrayList<>(items);
        for (int last = result.size() - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            var held = result.get(last);
            result.set(last, result.get(other));
            result.set(other, held);
        }
        return result;
    }

    static <T> List<T> some(List<T> items, int count, SplittableRandom random) {
        if (count > items.size())
            throw new IllegalArgumentException("expected at least " + count + " items, got " + items.size());
        return List.copyOf(shuffled(items, random).subList(0, count));
    }
}
