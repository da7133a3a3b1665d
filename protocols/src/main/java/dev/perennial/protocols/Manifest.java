package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What is needed to explain a version and to make it again.
 *
 * @param baseDigest SHA-256 over the base's configuration and weights, hex
 * @param dataDigest SHA-256 over the ids of all examples trained on, in training order, hex
 * @param method for instance {@code lora+replay}; see {@link LearningMethod}
 * @param examples number of examples by origin: {@code new}, {@code replayed}, {@code general}; and of the new ones those
 *     that were {@code known}, {@code skipped}, in {@code conflicts} or {@code outliers}
 * @param tokens tokens processed in training, padding left out
 * @param finalLoss mean loss over the last tenth of the steps, nats a token
 * @param origin empty in journals of before it was recorded
 * @param outliers ids of the new examples that nothing explains, and that were not learned; who contradicts whom, the domain's
 *     conflicts tell
 * @param environment empty in journals of before it was recorded
 * @param resumedAt steps that were taken over from the checkpoint of an earlier attempt; empty where it began at its first
 */
public record Manifest(
        String baseDigest,
        String dataDigest,
        String method,
        long seed,
        DomainPolicy.Training training,
        Map<String, Integer> examples,
        int steps,
        long tokens,
        double finalLoss,
        double seconds,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Origin> origin,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> outliers,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Environment> environment,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Integer> resumedAt) {
    /**
     * Where it was made, at the last of several attempts. In another environment the same update gives nearly the same numbers, for
     * sums are rounded in another order; in an equal one, on processors of one kind, the same bytes.
     *
     * @param device {@code cpu} or {@code cuda:N}
     * @param threads of each operation
     * @param engine name and version of the native library
     * @param program version of Perennial
     */
    public record Environment(String device, int threads, String engine, String program) {}

    /**
     * What the update began with, and the numbers of its method that are not in {@link #training}.
     *
     * @param parentArtifact the parent's adapter; empty where the parent was the bare base
     * @param parentFisher the Fisher information that the parent's update had left, or its nearest ancestor's; empty where
     *     there was none or the method needed none
     * @param generalDigest SHA-256 over the tokens of what the base can do that training could replay, hex; they tell the
     *     chat template too. Empty in journals of before it was recorded
     */
    public record Origin(
            VersionId parent,
            Optional<String> parentArtifact,
            Optional<String> parentFisher,
            DomainPolicy.Replay replay,
            DomainPolicy.Ewc ewc,
            double weightDecay,
            double orthogonality,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> generalDigest) {
        public Origin {
            generalDigest = Objects.requireNonNullElse(generalDigest, Optional.empty());
        }
    }

    public Manifest {
        examples = Map.copyOf(examples);
        origin = Objects.requireNonNullElse(origin, Optional.empty());
        outliers = List.copyOf(Objects.requireNonNullElse(outliers, List.of()));
        environment = Objects.requireNonNullElse(environment, Optional.empty());
        resumedAt = Objects.requireNonNullElse(resumedAt, Optional.empty());
    }

    /** As it was told before protocol 2. */
    public Manifest withoutEnvironment() {
        return with(List.of(), Optional.empty(), resumedAt);
    }

    public Manifest withResumedAt(Optional<Integer> step) {
        return with(outliers, environment, step);
    }

    private Manifest with(List<String> otherOutliers, Optional<Environment> made, Optional<Integer> step) {
        return new Manifest(
                baseDigest,
                dataDigest,
                method,
                seed,
                training,
                examples,
                steps,
                tokens,
                finalLoss,
                seconds,
                origin,
                otherOutliers,
                made,
                step);
    }

    /** Of an update that began at its first step, in an environment that is not told. */
    public Manifest(
            String baseDigest,
            String dataDigest,
            String method,
            long seed,
            DomainPolicy.Training training,
            Map<String, Integer> examples,
            int steps,
            long tokens,
            double finalLoss,
            double seconds,
            Optional<Origin> origin) {
        this(
                baseDigest,
                dataDigest,
                method,
                seed,
                training,
                examples,
                steps,
                tokens,
                finalLoss,
                seconds,
                origin,
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    /** Without an origin. */
    public Manifest(
            String baseDigest,
            String dataDigest,
            String method,
            long seed,
            DomainPolicy.Training training,
            Map<String, Integer> examples,
            int steps,
            long tokens,
            double finalLoss,
            double seconds) {
        this(
                baseDigest,
                dataDigest,
                method,
                seed,
                training,
                examples,
                steps,
                tokens,
                finalLoss,
                seconds,
                Optional.empty());
    }
}
