package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where an update stands. HELD and CANARY are reached by policies that ask for approval or an experiment. */
public enum UpdateState {
    @JsonProperty("queued")
    QUEUED,
    @JsonProperty("running")
    RUNNING,
    @JsonProperty("evaluating")
    EVALUATING,
    @JsonProperty("held")
    HELD,
    @JsonProperty("canary")
    CANARY,
    @JsonProperty("live")
    LIVE,
    @JsonProperty("rejected")
    REJECTED,
    @JsonProperty("cancelled")
    CANCELLED,
    @JsonProperty("failed")
    FAILED;

    /** Whether nothing more will happen to the update. */
    public boolean isFinal() {
        return this == LIVE || this == REJECTED || this == CANCELLED || this == FAILED;
    }
}
