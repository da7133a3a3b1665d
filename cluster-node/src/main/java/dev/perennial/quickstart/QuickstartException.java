package dev.perennial.quickstart;

/** The story could not go on; the message says at which call and why. */
public final class QuickstartException extends RuntimeException {
    public QuickstartException(String message) {
        super(message);
    }

    public QuickstartException(String message, Throwable cause) {
        super(message, cause);
    }
}
