package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What an update is to change. */
public enum UpdateKind {
    /** New or changed facts. */
    @JsonProperty("knowledge")
    KNOWLEDGE,
    /** A new ability. */
    @JsonProperty("task")
    TASK,
    /** Tone, format, refusals. */
    @JsonProperty("behaviour")
    BEHAVIOUR,
    /** A reported error that should go away soon. */
    @JsonProperty("fix")
    FIX
}
