package dev.perennial.protocols;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A domain's whole state as it is kept beside the journal. It only saves time: the events alone give the same state, so
 * that a snapshot of an older form may be thrown away.
 *
 * @param settled ids of the accepted examples that wait no more, in their natural order
 * @param waiting examples to be learned, oldest first
 * @param learned how many examples have left {@code waiting} so far
 * @param requests update number by the caller's id of the request
 * @param rollbacks the callers' ids of the rollbacks done
 */
public record DomainSnapshot(
        DomainId id,
        String description,
        DomainPolicy policy,
        Instant createdAt,
        List<String> settled,
        List<ExampleRef> waiting,
        long learned,
        Sample replay,
        Sample retained,
        List<Update> updates,
        Map<String, Integer> requests,
        int live,
        List<Version> versions,
        List<String> rollbacks) {
    public DomainSnapshot {
        settled = List.copyOf(settled);
        waiting = List.copyOf(waiting);
        updates = List.copyOf(updates);
        requests = Map.copyOf(requests);
        versions = List.copyOf(versions);
        rollbacks = List.copyOf(rollbacks);
    }

    /**
     * A reservoir sample.
     *
     * @param offered how many ids it has seen
     * @param kept ids by slot
     */
    public record Sample(long offered, List<String> kept) {
        public Sample {
            kept = List.copyOf(kept);
        }
    }

    /** @param token the latest under which the update was begun; 0 before */
    public record Update(
            UpdateRequest request,
            double priority,
            String explanation,
            UpdateState state,
            int attempts,
            long token,
            Optional<Attempt> attempt,
            Optional<VersionId> version,
            Optional<String> reason,
            List<UpdateView.Step> history) {
        public Update {
            history = List.copyOf(history);
        }
    }

    /**
     * What a running update works with.
     *
     * @param examples how many of the waiting examples, oldest first
     * @param retained the retained suite as it was at the start
     */
    public record Attempt(VersionId parent, int examples, long seed, List<String> retained) {
        public Attempt {
            retained = List.copyOf(retained);
        }
    }

    public record Version(
            VersionId id,
            VersionId parent,
            UpdateId update,
            String artifact,
            Manifest manifest,
            Optional<Evaluation> evaluation,
            Optional<GateReport> gate,
            boolean accepted,
            Instant createdAt) {}
}
