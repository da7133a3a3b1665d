package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An update as the API shows it.
 *
 * @param priority as computed when it was requested; {@code GET /v1/queue} shows it as it is now
 * @param history the states that it has been in, oldest first
 * @param checkpoint from which it goes on where its trainer is lost; empty once it is over
 */
public record UpdateView(
        UpdateId id,
        DomainId domain,
        UpdateState state,
        UpdateKind kind,
        double importance,
        Optional<Instant> deadline,
        Optional<String> method,
        double priority,
        String explanation,
        int attempts,
        Optional<Progress> progress,
        Optional<VersionId> version,
        Optional<Evaluation> metrics,
        Optional<GateReport> gate,
        Optional<String> reason,
        List<Step> history,
        Optional<Checkpoint> checkpoint) {
    public UpdateView {
        history = List.copyOf(history);
        checkpoint = Objects.requireNonNullElse(checkpoint, Optional.empty());
    }

    /** Without a checkpoint. */
    public UpdateView(
            UpdateId id,
            DomainId domain,
            UpdateState state,
            UpdateKind kind,
            double importance,
            Optional<Instant> deadline,
            Optional<String> method,
            double priority,
            String explanation,
            int attempts,
            Optional<Progress> progress,
            Optional<VersionId> version,
            Optional<Evaluation> metrics,
            Optional<GateReport> gate,
            Optional<String> reason,
            List<Step> history) {
        this(
                id,
                domain,
                state,
                kind,
                importance,
                deadline,
                method,
                priority,
                explanation,
                attempts,
                progress,
                version,
                metrics,
                gate,
                reason,
                history,
                Optional.empty());
    }

    /** @param note what there is to say of it, for people; empty for nothing */
    public record Step(
            UpdateState state,
            Instant at,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> note) {
        public Step {
            note = Objects.requireNonNullElse(note, Optional.empty());
        }

        public Step(UpdateState state, Instant at) {
            this(state, at, Optional.empty());
        }
    }

    public UpdateView withState(UpdateState shown) {
        return new UpdateView(
                id,
                domain,
                shown,
                kind,
                importance,
                deadline,
                method,
                priority,
                explanation,
                attempts,
                progress,
                version,
                metrics,
                gate,
                reason,
                history,
                checkpoint);
    }

    public UpdateView withProgress(Optional<Progress> latest) {
        return new UpdateView(
                id,
                domain,
                state,
                kind,
                importance,
                deadline,
                method,
                priority,
                explanation,
                attempts,
                latest,
                version,
                metrics,
                gate,
                reason,
                history,
                checkpoint);
    }
}
