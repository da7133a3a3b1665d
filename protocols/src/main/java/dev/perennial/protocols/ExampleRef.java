package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;
import java.util.Optional;

/**
 * An accepted example as the journal knows it: never its text. The optional parts are missing in journals of before they
 * were known, and left out of what is written where they are empty.
 *
 * @param id the first 128 bits of the SHA-256 of its canonical form, in hex
 * @param characters its length, at least 1
 * @param judged whether a model is right or wrong about it (an answer, a preference), or only finds it more or less likely
 *     (a document, a labelled completion)
 * @param promptId the first 64 bits of the SHA-256 of what is asked, in hex, by which another answer to the same question
 *     is known; empty for a document. A preference asks which of its two answers is better, a labelled completion whether
 *     its answer is wanted, so that neither contradicts an answer
 * @param answerId the same of the answer; empty for a document
 * @param source where it came from, as whoever sent it says; empty where nothing was said
 * @param companion id of another example that says the same in another form: both are held out, or both trained on
 */
public record ExampleRef(
        String id,
        int characters,
        ExampleUse use,
        boolean judged,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> promptId,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> answerId,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> source,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> companion) {
    private static final int CHARACTERS_A_TOKEN = 4;

    public ExampleRef {
        promptId = Objects.requireNonNullElse(promptId, Optional.empty());
        answerId = Objects.requireNonNullElse(answerId, Optional.empty());
        source = Objects.requireNonNullElse(source, Optional.empty());
        companion = Objects.requireNonNullElse(companion, Optional.empty());
    }

    /** An example without a companion. */
    public ExampleRef(
            String id,
            int characters,
            ExampleUse use,
            boolean judged,
            Optional<String> promptId,
            Optional<String> answerId,
            Optional<String> source) {
        this(id, characters, use, judged, promptId, answerId, source, Optional.empty());
    }

    /** An example of which only its size is known. */
    public ExampleRef(String id, int characters, ExampleUse use, boolean judged) {
        this(id, characters, use, judged, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** At 4 characters a token, as byte-pair encodings have it on English; 1 or more. */
    public int estimatedTokens() {
        return Math.max(1, (characters + CHARACTERS_A_TOKEN - 1) / CHARACTERS_A_TOKEN);
    }

    public ExampleRef withCompanion(String other) {
        return new ExampleRef(id, characters, use, judged, promptId, answerId, source, Optional.of(other));
    }

    /** Whether another example answers the same question otherwise. */
    public boolean contradicts(ExampleRef other) {
        return promptId.isPresent() && promptId.equals(other.promptId) && !answerId.equals(other.answerId);
    }
}
