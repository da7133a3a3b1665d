package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * Names a knowledge domain: 1 to 63 of {@code a-z 0-9 -}, beginning with a letter or digit, and not {@code base}, which
 * names the bare base model wherever a model is asked for.
 */
public record DomainId(@JsonValue String value) implements Comparable<DomainId> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final String BASE = "base";

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public DomainId {
        if (!FORM.matcher(value).matches()) {
            throw new ProblemException(Problem.invalid(
                    "id",
                    "a domain id is 1 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit; got '"
                            + Problem.shorten(value) + "'"));
        }
        if (value.equals(BASE)) {
            throw new ProblemException(
                    Problem.invalid("id", "'base' names the base model itself; choose another domain id"));
        }
    }

    @Override
    public int compareTo(DomainId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
