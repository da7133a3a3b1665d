package dev.perennial.quickstart;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** The figures of one run; accuracies are shares of questions answered exactly, measured through the API. */
record Report(
        @JsonProperty("ready_seconds") double readySeconds,
        @JsonProperty("story_seconds") double storySeconds,
        List<Domain> domains,
        @JsonProperty("rollback_restored") boolean rollbackRestored) {
    /**
     * @param before accuracy on the new facts before the update
     * @param retainedBefore accuracy on this domain's other facts, the other domain's, and the base's general abilities
     */
    record Domain(
            String id,
            double before,
            double after,
            @JsonProperty("retained_before") double retainedBefore,
            @JsonProperty("retained_after") double retainedAfter,
            @JsonProperty("live_version") int liveVersion) {}
}
