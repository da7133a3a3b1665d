package dev.perennial;

/** Why the program cannot start, in one line that says what to do. */
final class StartException extends RuntimeException {
    StartException(String message) {
        super(message);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
