package dev.perennial.settings;

import java.util.Locale;

/** What a node does in its cluster; the name in lower case is the cluster role by which others find it. */
public enum NodeRole {
    /** Answers the HTTP API. */
    API,
    /** Holds a share of the domains, and the scheduler on one of these nodes. */
    DOMAIN,
    /** Takes leases and runs updates; opens the base model. */
    TRAINER,
    /** Writes completions; opens the base model. */
    SERVING;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
