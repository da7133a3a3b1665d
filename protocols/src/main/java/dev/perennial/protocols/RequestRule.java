package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of a request for an update while another one of its domain waits. */
public enum RequestRule {
    /** The one that waits does its work as well, and takes over what is more urgent. */
    @JsonProperty("merge")
    MERGE,
    /** It waits behind the other, for the examples that came since. */
    @JsonProperty("queue")
    QUEUE
}
