package dev.perennial.persistence.embedded;

import java.util.List;

/** The embedded server could not be started; the message says why, and quotes the end of its log where there is one. */
public final class CassandraStartException extends RuntimeException {
    private final transient List<String> logTail;

    CassandraStartException(String message) {
        this(message, List.of());
    }

    CassandraStartException(String message, List<String> logTail) {
        super(logTail.isEmpty() ? message : message + "; its last lines:\n  " + String.join("\n  ", logTail));
        this.logTail = List.copyOf(logTail);
    }

    CassandraStartException(String message, Throwable cause) {
        super(message, cause);
        this.logTail = List.of();
    }

    /** At most 20 lines, oldest first; empty if no process was started. */
    public List<String> logTail() {
        return logTail;
    }
}
