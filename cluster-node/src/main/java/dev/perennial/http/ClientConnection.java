package dev.perennial.http;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.http.javadsl.model.AttributeKey;

/**
 * One client's connection. Pekko tells a route nothing when the client goes away while an answer is awaited; a completion
 * that nobody will read is stopped through this. Thread-safe.
 */
final class ClientConnection {
    static final AttributeKey<ClientConnection> KEY = AttributeKey.create("client-connection", ClientConnection.class);

    private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @param listener run once, at once where the client is gone already; idempotent, as it may race with the closing */
    void onClose(Runnable listener) {
        listeners.add(listener);
        if (closed) {
            listener.run();
        }
    }

    /** A connection outlives many requests: each takes its listener away when it is done. */
    void forget(Runnable listener) {
        listeners.remove(listener);
    }

    void close() {
        closed = true;
        listeners.forEach(Runnable::run);
        listeners.clear();
    }
}
