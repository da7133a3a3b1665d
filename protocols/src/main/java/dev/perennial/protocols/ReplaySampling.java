package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What an update draws first from a replay buffer; what is left comes next, before anything is drawn again. */
public enum ReplaySampling {
    /** From each stratum in proportion to what the buffer holds of it. */
    @JsonProperty("proportional")
    PROPORTIONAL,
    /** From each stratum as many as from any other, as long as it has them. */
    @JsonProperty("equal")
    EQUAL
}
