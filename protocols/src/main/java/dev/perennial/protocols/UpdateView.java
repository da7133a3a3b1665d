package dev.perennial.protocols;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An update as the API shows it.
 *
 * @param priority as computed when it was requested; {@code GET /v1/queue} shows it as it is now
 * @param history the states that it has been in, oldest first
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
        List<Step> history) {
    public UpdateView {
        history = List.copyOf(history);
    }

    public record Step(UpdateState state, Instant at) {}

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
                history);
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
                history);
    }
}
