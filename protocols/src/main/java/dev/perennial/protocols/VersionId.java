package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * One version of a domain's adapter, written {@code domain@n}. Number 0 is the bare base model, from which every lineage
 * starts, so that a domain always has a live version and can be rolled back to its beginning.
 */
public record VersionId(DomainId domain, int number) {
    public static final int MAX_NUMBER = 1_000_000_000;

    public VersionId {
        if (number < 0 || number > MAX_NUMBER) {
            throw new ProblemException(
                    Problem.invalid("version", "a version number is 0 to " + MAX_NUMBER + "; got " + number));
        }
    }

    /** Reads {@code domain@n}; the error names the form that was expected. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static VersionId parse(String text) {
        int at = text.lastIndexOf('@');
        String number = text.substring(at + 1);
        if (at < 1 || number.isEmpty() || number.length() > 9 || !number.chars().allMatch(Character::isDigit)) {
            throw new ProblemException(Problem.invalid(
                    "version", "a version is written DOMAIN@N, as in news@3; got '" + Problem.shorten(text) + "'"));
        }
        return new VersionId(new DomainId(text.substring(0, at)), Integer.parseInt(number));
    }

    public boolean isBase() {
        return number == 0;
    }

    @JsonValue
    @Override
    public String toString() {
        return domain + "@" + number;
    }
}
