package dev.perennial.protocols;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong, as the caller is told it: the OpenAI error shape {@code {"message","type","param","code"}}.
 *
 * @param message what was expected and what came, in one line
 * @param param the field or parameter at fault, or null where no single one is
 */
public record Problem(Kind kind, String message, @Nullable String param, String code) {
    private static final int SHORT = 80;

    /** The kinds of problem; each is one HTTP status and one OpenAI error type. */
    public enum Kind {
        INVALID(400, "invalid_request_error"),
        NOT_FOUND(404, "not_found_error"),
        METHOD(405, "invalid_request_error"),
        CONFLICT(409, "conflict_error"),
        TOO_LARGE(413, "invalid_request_error"),
        MEDIA_TYPE(415, "invalid_request_error"),
        UNAVAILABLE(503, "unavailable_error"),
        INTERNAL(500, "server_error");

        public final int status;
        public final String type;

        Kind(int status, String type) {
            this.status = status;
            this.type = type;
        }
    }

    public static Problem invalid(String param, String message) {
        return new Problem(Kind.INVALID, message, param, "invalid_value");
    }

    public static Problem notFound(String param, String message) {
        return new Problem(Kind.NOT_FOUND, message, param, "not_found");
    }

    public static Problem conflict(String param, String message) {
        return new Problem(Kind.CONFLICT, message, param, "conflict");
    }

    public static Problem tooLarge(@Nullable String param, String message) {
        return new Problem(Kind.TOO_LARGE, message, param, "too_large");
    }

    public static Problem unavailable(String message) {
        return new Problem(Kind.UNAVAILABLE, message, null, "unavailable");
    }

    public static Problem internal(String message) {
        return new Problem(Kind.INTERNAL, message, null, "internal");
    }

    /** A client's text made safe to quote in a message: at most 80 characters. */
    public static String shorten(String text) {
        return text.length() <= SHORT ? text : text.substring(0, SHORT) + "…";
    }
}
