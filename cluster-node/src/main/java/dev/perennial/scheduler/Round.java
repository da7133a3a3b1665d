package dev.perennial.scheduler;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A question to many, of whom a few are asked at a time, and each until it has answered: whoever does not comes again after the others.
 * Used on its actor's thread only.
 */
final class Round<T> {
    private final int most;
    private final Consumer<T> ask;
    private final Set<T> waiting = new LinkedHashSet<>();
    private final Set<T> asked = new HashSet<>();

    /**
     * @param most asked at the same time
     * @param ask after which {@link #answered} has to be called, also where no answer came
     */
    Round(int most, Consumer<T> ask) {
        this.most = most;
        this.ask = ask;
    }

    /** Those that are being asked are asked once more. */
    void add(Collection<T> all) {
        waiting.addAll(all);
        proceed();
    }

    void answered(T one, boolean heard) {
        if (asked.remove(one) && !heard) {
            waiting.add(one);
        }
        proceed();
    }

    /** Whose answers are still to come are as good as not asked. */
    void clear() {
        waiting.clear();
        asked.clear();
    }

    private void proceed() {
        List<T> next = waiting.stream()
                .filter(one -> !asked.contains(one))
                .limit(Math.max(0, most - asked.size()))
                .toList();
        for (T one : next) {
            waiting.remove(one);
            asked.add(one);
            ask.accept(one);
        }
    }
}
