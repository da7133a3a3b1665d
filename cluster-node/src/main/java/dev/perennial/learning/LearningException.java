package dev.perennial.learning;

/** A model, adapter or data set that cannot be used; the message says what was expected and what came. */
public class LearningException extends RuntimeException {
    public LearningException(String message) {
        super(message);
    }

    public LearningException(String message, Throwable cause) {
        super(message, cause);
    }
}
