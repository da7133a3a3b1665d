package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.Optional;

/** A completion as it comes: one Started, any number of Text, one Finished; or one Refused in place of what is missing. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "part")
@JsonSubTypes({
    @JsonSubTypes.Type(value = GenerationPart.Started.class, name = "started"),
    @JsonSubTypes.Type(value = GenerationPart.Text.class, name = "text"),
    @JsonSubTypes.Type(value = GenerationPart.Finished.class, name = "finished"),
    @JsonSubTypes.Type(value = GenerationPart.Refused.class, name = "refused")
})
public sealed interface GenerationPart {
    /**
     * @param completionId by which feedback names the completion
     * @param version empty for the bare base asked for by its own name
     */
    record Started(String completionId, Optional<VersionId> version, Instant at, int promptTokens)
            implements GenerationPart {}

    record Text(String text) implements GenerationPart {}

    /**
     * @param reason {@code stop} or {@code length}
     */
    record Finished(String reason, int completionTokens) implements GenerationPart {}

    record Refused(Problem problem) implements GenerationPart {}
}
