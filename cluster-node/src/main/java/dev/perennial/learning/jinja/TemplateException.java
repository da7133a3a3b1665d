package dev.perennial.learning.jinja;

/** A template that cannot be read, uses what is not supported, failed, or called {@code raise_exception}. */
public final class TemplateException extends RuntimeException {
    TemplateException(String message) {
        super(message);
    }
}
