package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Completions as they come: one Started, then for each choice any number of Text and one Finished, those of the choices in
 * any order among each other; or one Refused in place of all that is missing.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "part")
@JsonSubTypes({
    @JsonSubTypes.Type(value = GenerationPart.Started.class, name = "started"),
    @JsonSubTypes.Type(value = GenerationPart.Text.class, name = "text"),
    @JsonSubTypes.Type(value = GenerationPart.Finished.class, name = "finished"),
    @JsonSubTypes.Type(value = GenerationPart.Refused.class, name = "refused")
})
public sealed interface GenerationPart {
    /**
     * @param completionId by which feedback names the completion; that of choice k, from 1 on, is {@code completionId-k}
     * @param version empty for the bare base asked for by its own name
     */
    record Started(String completionId, Optional<VersionId> version, Instant at, int promptTokens)
            implements GenerationPart {}

    /**
     * What a choice goes on with.
     *
     * @param choice from 0
     * @param tokens where they were asked for, the tokens that begin in this text, or in what came before and was not told yet
     */
    record Text(String text, int choice, List<ScoredToken> tokens) implements GenerationPart {
        public Text {
            // There were none before they could be asked for.
            tokens = tokens == null ? List.of() : List.copyOf(tokens);
        }
    }

    /**
     * @param reason {@code stop} or {@code length}
     * @param completionTokens of the choice's text; of a stop text only those that hold text before it
     */
    record Finished(String reason, int completionTokens, int choice) implements GenerationPart {}

    record Refused(Problem problem) implements GenerationPart {}
}
