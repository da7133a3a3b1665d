package dev.perennial.http;

import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** The key by which a repeated request is known: the caller's {@code Idempotency-Key}, or a fresh one. */
final class RequestKeys extends AllDirectives {
    private static final String HEADER = "Idempotency-Key";
    private static final int LONGEST = 200;

    private final Supplier<String> fresh;

    RequestKeys(Supplier<String> fresh) {
        this.fresh = fresh;
    }

    Route key(Function<String, Route> inner) {
        return optionalHeaderValueByName(HEADER, given -> inner.apply(checked(given)));
    }

    private String checked(Optional<String> given) {
        String key = given.orElseGet(fresh);
        if (key.isBlank() || key.length() > LONGEST) {
            throw new ProblemException(
                    Problem.invalid(HEADER, HEADER + " is 1 to " + LONGEST + " characters; got " + key.length()));
        }
        return key;
    }
}
