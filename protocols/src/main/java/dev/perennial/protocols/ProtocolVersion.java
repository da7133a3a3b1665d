package dev.perennial.protocols;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which forms of commands and events a build knows: one number, larger by one whenever there is a form that builds of before
 * would not understand, or would lose something of. Nodes announce it to each other as the first part of their app version.
 * What may be sent or journaled while nodes of several versions are there is in decision 13.
 *
 * <p>1: nodes announce their version, the database keeps the latest that all spoke, and a command of an unknown kind is refused;
 * examples of an update that failed are held back.
 *
 * <p>2: methods replay neighbours, and a policy says how many; a manifest tells outliers and environment.
 *
 * @param number 0 for builds that announce none
 */
public record ProtocolVersion(int number) {
    /** Of this build. */
    public static final ProtocolVersion SPOKEN = new ProtocolVersion(2);

    /** From which on {@link DomainEvent.ExamplesHeldBack} and {@link DomainEvent.ExamplesTriedAgain} are known. */
    public static final ProtocolVersion HOLDS_BACK = new ProtocolVersion(1);

    /** From which on {@link LearningMethod.Part#NEIGHBOURS} and all that is of it are known. */
    public static final ProtocolVersion NEIGHBOURS = new ProtocolVersion(2);

    private static final Pattern ANNOUNCED = Pattern.compile("([0-9]{1,9})\\.[0-9.]+");

    /** @throws IllegalArgumentException for a text that no build announces */
    public static ProtocolVersion announced(String text) {
        Matcher form = ANNOUNCED.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("expected a version as in 1.0.0; got '" + Problem.shorten(text) + "'");
        }
        return new ProtocolVersion(Integer.parseInt(form.group(1)));
    }

    /** As it is announced; that of a build that announces none is the cluster's default. */
    public String announcement() {
        return number + ".0.0";
    }
}
