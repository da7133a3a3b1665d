package dev.perennial.persistence;

import java.util.List;

/** Examples were asked for that the store does not hold. */
public final class MissingExamplesException extends RuntimeException {
    private static final int SHOWN = 10;

    private final String domain;
    private final transient List<String> ids;

    MissingExamplesException(String domain, List<String> ids) {
        super("domain " + domain + " has no examples " + ids.subList(0, Math.min(SHOWN, ids.size()))
                + (ids.size() > SHOWN ? " and " + (ids.size() - SHOWN) + " more" : ""));
        this.domain = domain;
        this.ids = List.copyOf(ids);
    }

    public String domain() {
        return domain;
    }

    /** All of them; the message names the first ten. */
    public List<String> ids() {
        return ids;
    }
}
