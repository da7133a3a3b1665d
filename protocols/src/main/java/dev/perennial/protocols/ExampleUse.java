package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What an example is for. */
public enum ExampleUse {
    /** Learned from. A share of them, chosen by content id, is held out to judge the update that brings them in. */
    @JsonProperty("train")
    TRAIN,
    /** Part of the domain's retained suite: never trained on, asked before and after every update. */
    @JsonProperty("evaluate")
    EVALUATE
}
