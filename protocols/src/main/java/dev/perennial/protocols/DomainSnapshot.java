package dev.perennial.protocols;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A domain's whole state as it is kept beside the journal. It only saves time: the events alone give the same state. A
 * snapshot of another form cannot be read, and the events are replayed in its place.
 *
 * @param form {@link #FORM}
 * @param accepted ids of all examples ever accepted, but for those deleted
 * @param deleted ids of the examples that were accepted once and never will be again
 * @param removing those of them whose rows may still be in the example store
 * @param waiting examples to be learned, by their numbers in the order of acceptance
 * @param conflicts groups of examples that contradict each other, oldest first
 * @param heldBack groups of examples of updates that failed, by their first example
 * @param trial number of the update that took up such a group last; 0 before the first
 * @param next number of the next example to be accepted
 * @param requests update number by the caller's id of the request
 * @param rollbacks the callers' ids of the rollbacks done
 * @param outdated artifacts of checkpoints that no update needs and that may still be in the artifact store
 * @param pulse how much comes in and is asked
 */
public record DomainSnapshot(
        int form,
        DomainId id,
        String description,
        DomainPolicy policy,
        Instant createdAt,
        PackedIds accepted,
        PackedIds deleted,
        List<String> removing,
        PackedExamples waiting,
        List<Conflict> conflicts,
        List<Held> heldBack,
        int trial,
        long next,
        Buffer replay,
        Buffer retained,
        List<Update> updates,
        Map<String, Integer> requests,
        int live,
        List<Version> versions,
        List<String> rollbacks,
        List<String> outdated,
        Pulse pulse) {
    /** Raised with every change of what a snapshot holds. */
    public static final int FORM = 6;

    public DomainSnapshot {
        if (form != FORM) {
            throw new IllegalArgumentException("expected a domain's snapshot of form " + FORM + "; got form " + form);
        }
        removing = List.copyOf(removing);
        conflicts = List.copyOf(conflicts);
        heldBack = List.copyOf(heldBack);
        updates = List.copyOf(updates);
        requests = Map.copyOf(requests);
        versions = List.copyOf(versions);
        rollbacks = List.copyOf(rollbacks);
        outdated = List.copyOf(Objects.requireNonNullElse(outdated, List.of()));
    }

    /**
     * Counts in which what is old counts less, as of {@code at}.
     *
     * @param since when the first example was accepted or the first completion asked
     * @param feedback examples; what is a day old counts half
     * @param usualFeedback examples; what is a week old counts half
     * @param traffic completions; what is a day old counts half
     * @param arrivals from which number on examples were accepted when, to the minute, oldest first
     */
    public record Pulse(
            Instant since, Instant at, double feedback, double usualFeedback, double traffic, List<Arrival> arrivals) {
        public Pulse {
            arrivals = List.copyOf(arrivals);
        }
    }

    public record Arrival(long number, Instant at) {}

    /** @param number its place in the order of acceptance; numbers of what waits no more are missing */
    public record Waiting(long number, ExampleRef example) {}

    /**
     * Examples that were set aside.
     *
     * @param update that found it
     * @param examples 2 or more, with the numbers under which they waited
     */
    public record Conflict(UpdateId update, List<Waiting> examples, Instant at) {
        public Conflict {
            examples = List.copyOf(examples);
        }
    }

    /**
     * Examples that are not learned along with others, since an update of them failed.
     *
     * @param update that failed with them last
     * @param examples 1 or more, with the numbers under which they waited
     */
    public record Held(UpdateId update, List<Waiting> examples) {
        public Held {
            examples = List.copyOf(examples);
        }

        public long first() {
            return examples.get(0).number();
        }
    }

    /**
     * A replay buffer.
     *
     * @param offered how many examples it has seen
     * @param full whether an example did not fit since the last one was taken out
     * @param kept by slot
     */
    public record Buffer(long offered, boolean full, List<Kept> kept) {
        public Buffer {
            kept = List.copyOf(kept);
        }
    }

    /**
     * An example in a buffer.
     *
     * @param number its place in the order of acceptance
     * @param update number of the update that brought it in; 0 where none did
     */
    public record Kept(ExampleRef example, long number, int update, Optional<Measurement> measurement) {
        /** As measured, or else estimated. */
        public int tokens() {
            return measurement.map(Measurement::tokens).orElseGet(example::estimatedTokens);
        }
    }

    /**
     * @param token the latest under which the update was begun; 0 before
     * @param checkpoint the latest, while the update is not over
     */
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
            List<UpdateView.Step> history,
            Optional<Checkpoint> checkpoint) {
        public Update {
            history = List.copyOf(history);
            checkpoint = Objects.requireNonNullElse(checkpoint, Optional.empty());
        }

        public Update withRequest(UpdateRequest changed) {
            return new Update(
                    changed,
                    priority,
                    explanation,
                    state,
                    attempts,
                    token,
                    attempt,
                    version,
                    reason,
                    history,
                    checkpoint);
        }
    }

    /**
     * What a running update works with.
     *
     * @param before the first number that it has not taken: it works on the examples below that wait still
     * @param heldOut those of its examples that judge it
     * @param retained the retained suite as it was at the start
     */
    public record Attempt(VersionId parent, long before, long seed, List<String> heldOut, List<String> retained) {
        public Attempt {
            heldOut = List.copyOf(heldOut);
            retained = List.copyOf(retained);
        }
    }

    /** @param fisher as {@link Candidate#fisher} */
    public record Version(
            VersionId id,
            VersionId parent,
            UpdateId update,
            String artifact,
            Manifest manifest,
            Optional<Evaluation> evaluation,
            Optional<GateReport> gate,
            boolean accepted,
            Optional<String> fisher,
            Instant createdAt) {
        public Version {
            fisher = Objects.requireNonNullElse(fisher, Optional.empty());
        }
    }
}
