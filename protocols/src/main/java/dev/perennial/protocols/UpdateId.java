package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * One update of a domain, written {@code domain-uN}. The domain is part of the id, so that any node finds the owner of an
 * update without an index; N is given out by the domain itself and never used twice.
 */
public record UpdateId(DomainId domain, int number) {
    public UpdateId {
        if (number < 1) {
            throw new ProblemException(Problem.invalid("id", "an update number is at least 1; got " + number));
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static UpdateId parse(String text) {
        int mark = text.lastIndexOf("-u");
        String number = text.substring(mark + 2 > text.length() ? text.length() : mark + 2);
        if (mark < 1
                || number.isEmpty()
                || number.length() > 9
                || !number.chars().allMatch(Character::isDigit)) {
            throw new ProblemException(Problem.notFound(
                    "id", "an update id is written DOMAIN-uN, as in news-u3; got '" + Problem.shorten(text) + "'"));
        }
        return new UpdateId(new DomainId(text.substring(0, mark)), Integer.parseInt(number));
    }

    @JsonValue
    @Override
    public String toString() {
        return domain + "-u" + number;
    }
}
