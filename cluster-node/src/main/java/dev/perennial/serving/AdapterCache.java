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
final class AdapterCache implements AutoCloseable {
    private int capacity;
    private final Function<String, CompletionStage<Adapter>> loader;
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    AdapterCache(int capacity, Function<String, CompletionStage<Adapter>> loader) {
        this.capacity = capacity;
        this.loader = loader;
    }

    /** An adapter in use; close it, once, to give it back. */
    static final class Loan implements AutoCloseable {
        private final Adapter adapter;
        private final Runnable lend;
        private final Runnable giveBack;

        Loan(Adapter adapter, Runnable lend, Runnable giveBack) {
            this.adapter = adapter;
            this.lend = lend;
            this.giveBack = giveBack;
        }

        /** Of an adapter that outlives all its loans. */
        static Loan of(Adapter adapter) {
            return new Loan(adapter, () -> {}, () -> {});
        }

        Adapter adapter() {
            return adapter;
        }

        /** One more loan of the same adapter, while this one is open. */
        Loan another() {
            lend.run();
            return new Loan(adapter, lend, giveBack);
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
            }
            entry.borrowers++;
            evictBeyondCapacity();
        }
        Entry lent = entry;
        return lent.loading.handle((adapter, failure) -> {
            if (failure != null) {
                forget(artifact, lent);
                throw new java.util.concurrent.CompletionException(failure);
            }
            return new Loan(adapter, () -> lendAgain(lent), () -> giveBack(lent));
        });
    }

    private synchronized void forget(String artifact, Entry failed) {
        entries.remove(artifact, failed);
    }

    private synchronized void lendAgain(Entry entry) {
        entry.borrowers++;
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

    /** Keeps nothing from now on: what is lent, or will be, is closed when it is given back. */
    @Override
    public synchronized void close() {
        capacity = 0;
        evictBeyondCapacity();
    }
}
