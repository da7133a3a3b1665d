package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which of the learned examples a domain's replay buffer keeps where not all fit. */
public enum ReplayStrategy {
    /** A uniform sample of all that was learned (Vitter 1985, Algorithm R). */
    @JsonProperty("reservoir")
    RESERVOIR,
    /** As many of one answer as of any other, at random within each: for tasks whose answers are labels. */
    @JsonProperty("class-balanced")
    CLASS_BALANCED,
    /** As many of one source as of any other, at random within each. */
    @JsonProperty("source-balanced")
    SOURCE_BALANCED,
    /** As many of one update as of any other, of each those that stand for its mean best (iCaRL; Rebuffi et al. 2017). */
    @JsonProperty("herding")
    HERDING,
    /** Each with a chance in proportion to the loss that was left on it when it had been learned. */
    @JsonProperty("loss-based")
    LOSS_BASED
}
