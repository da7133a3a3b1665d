package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How an update draws from a replay buffer that holds more than it can take. */
public enum ReplaySampling {
    /** From each stratum in proportion to what the buffer holds of it. */
    @JsonProperty("proportional")
    PROPORTIONAL,
    /** From each stratum as many as from any other, as long as it has them. */
    @JsonProperty("equal")
    EQUAL
}
