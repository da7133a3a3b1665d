package dev.perennial.persistence.snapshot;

/** A stored snapshot is not whole, or cannot be deserialized: trying again will not change that, an older one may do. */
final class UnreadableSnapshotException extends RuntimeException {
    UnreadableSnapshotException(String message) {
        super(message);
    }

    UnreadableSnapshotException(Throwable cause) {
        super(cause.toString(), cause);
    }
}
