package dev.perennial.serving;

import dev.perennial.learning.Adapter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Adapters in memory, least recently used out first. A lent adapter is closed only when the last borrower has given it back,
 * so that a request ends on the version that it began with. Thread-safe.
 */
final class AdapterCache {
    private final int capacity;
    private final Function<String, CompletionStage<Adapter>> loader;
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    AdapterCache(int capacity, Function<String, CompletionStage<Adapter>> loader) {
        this.capacity = capacity;
        this.loader = loader;
    }

    /** An adapter in use; close it to give it back. */
    static final class Loan implements AutoCloseable {
        private final Adapter adapter;
        private final Runnable giveBack;

        Loan(Adapter adapter, Runnable giveBack) {
            this.adapter = adapter;
            this.giveBack = giveBack;
        }

        Adapter adapter() {
            return adapter;
        }

        @Override
        public void close() {
            giveBack.run();
        }
    }

    private static final class Entry {
        private final CompletableFuture<Adapter> loading;
        private int borrowers;
        private boolean evicted;

        Entry(CompletableFuture<Adapter> loading) {
            this.loading = loading;
        }
    }

    /** Loads the adapter where it is not here yet; a load that fails is tried again by the next borrower. */
    CompletionStage<Loan> borrow(String artifact) {
        Entry entry;
        synchronized (this) {
            entry = entries.get(artifact);
            if (entry == null) {
                entry = new Entry(loader.apply(artifact).toCompletableFuture());
                entries.put(artifact, entry);
                evictBeyondCapacity();
            }
            entry.borrowers++;
        }
        Entry lent = entry;
        return lent.loading.handle((adapter, failure) -> {
            if (failure != null) {
                forget(artifact, lent);
                throw new java.util.concurrent.CompletionException(failure);
            }
            return new Loan(adapter, () -> giveBack(lent));
        });
    }

    private synchronized void forget(String artifact, Entry failed) {
        entries.remove(artifact, failed);
    }

    private synchronized void giveBack(Entry entry) {
        entry.borrowers--;
        closeIfUnused(entry);
    }

    private void evictBeyondCapacity() {
        var oldest = entries.values().iterator();
        while (entries.size() > capacity && oldest.hasNext()) {
            Entry entry = oldest.next();
            oldest.remove();
            entry.evicted = true;
            closeIfUnused(entry);
        }
    }

    private static void closeIfUnused(Entry entry) {
        if (entry.evicted && entry.borrowers == 0) {
            // Whoever borrowed it has seen it loaded, so this never waits.
            entry.loading.join().close();
        }
    }
}
