package dev.perennial.simulations.cluster;

import dev.perennial.protocols.DomainId;
import dev.perennial.simulations.cluster.invariants.Book;
import dev.perennial.simulations.cluster.invariants.Write;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Books of every write: entered before it is first sent, as ambiguous, and struck as acknowledged by a success alone. A write
 * that was acknowledged stays so. Thread-safe.
 */
final class Ledger {
    private final Map<Id, Write> writes = new ConcurrentHashMap<>();
    private final AtomicLong acknowledged = new AtomicLong();

    private record Id(Write.Kind kind, DomainId domain, String key) {}

    /** It is about to be sent. */
    void open(Write.Kind kind, DomainId domain, String key) {
        writes.putIfAbsent(new Id(kind, domain, key), new Write(kind, domain, key, Write.State.AMBIGUOUS, ""));
    }

    /** @param receipt what the answer said of it, or nothing */
    void acknowledge(Write.Kind kind, DomainId domain, String key, String receipt) {
        Write before =
                writes.put(new Id(kind, domain, key), new Write(kind, domain, key, Write.State.ACKNOWLEDGED, receipt));
        if (before == null || !before.isAcknowledged()) {
            acknowledged.incrementAndGet();
        }
    }

    long acknowledged() {
        return acknowledged.get();
    }

    /** What the books say now. */
    Book book() {
        return new Book(List.copyOf(writes.values()));
    }
}
