package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a domain learns and what its gate asks.
 *
 * @param training the recipe of an update
 * @param gate what a candidate must reach
 * @param replay the replay buffer
 * @param ewc elastic weight consolidation, for methods that use it
 * @param method how updates learn that do not say it themselves
 * @param scheduling whose time its updates use, and beside what they may run
 */
public record DomainPolicy(
        Training training, Gate gate, Replay replay, Ewc ewc, LearningMethod method, Scheduling scheduling) {
    /** What every update did before there was a choice. */
    private static final LearningMethod EARLIER = LearningMethod.parse("lora+replay");

    public static final DomainPolicy DEFAULT = new DomainPolicy(
            Training.DEFAULT,
            Gate.DEFAULT,
            Replay.DEFAULT,
            Ewc.DEFAULT,
            LearningMethod.parse("lora+replay+ewc+neighbours"),
            Scheduling.DEFAULT);

    public DomainPolicy {
        // Missing in journals of before there was a choice.
        ewc = Objects.requireNonNullElse(ewc, Ewc.DEFAULT);
        method = Objects.requireNonNullElse(method, EARLIER);
        scheduling = Objects.requireNonNullElse(scheduling, Scheduling.DEFAULT);
    }

    /** With the default scheduling. */
    public DomainPolicy(Training training, Gate gate, Replay replay, Ewc ewc, LearningMethod method) {
        this(training, gate, replay, ewc, method, Scheduling.DEFAULT);
    }

    /** As the default policy, where nothing is said of the method. */
    public DomainPolicy(Training training, Gate gate, Replay replay) {
        this(training, gate, replay, DEFAULT.ewc(), DEFAULT.method());
    }

    /** The same by another method. Where it is without neighbours, what they had of a batch is general. */
    public DomainPolicy by(LearningMethod other) {
        double freed = method.has(LearningMethod.Part.NEIGHBOURS) ? replay.neighbours() : 0;
        Replay replayed = other.has(LearningMethod.Part.NEIGHBOURS) ? replay : replay.withoutNeighbours(freed);
        return new DomainPolicy(training, gate, replayed, ewc, other, scheduling);
    }

    /**
     * @param rank LoRA rank, 1 to 256
     * @param alpha LoRA alpha; the low-rank product is scaled by alpha / rank
     * @param dropout probability of dropping an input of the low-rank path, 0 to below 1
     * @param targets names of linear projections, or {@code all-linear}
     * @param learningRate peak of the schedule: linear warm-up over 5 % of the steps, then cosine to 0
     * @param epochs passes over the new examples, 1 to 1000
     * @param maxSteps upper bound on optimiser steps, 1 to 1,000,000
     * @param batchSize sequences an optimiser step, 1 to 1024
     * @param documentWeight weight of a document's token beside an answer's token in the loss, 0 to 1
     * @param beta how strongly preferences and ratings are held to the parent (DPO, KTO), 0.001 to 100; empty for 0.1
     */
    public record Training(
            int rank,
            double alpha,
            double dropout,
            List<String> targets,
            double learningRate,
            int epochs,
            int maxSteps,
            int batchSize,
            double documentWeight,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Double> beta) {
        public static final Training DEFAULT = new Training(16, 32, 0.0, List.of("all-linear"), 1e-3, 20, 400, 48, 0.2);

        /** With the usual beta. */
        public Training(
                int rank,
                double alpha,
                double dropout,
                List<String> targets,
                double learningRate,
                int epochs,
                int maxSteps,
                int batchSize,
                double documentWeight) {
            this(
                    rank,
                    alpha,
                    dropout,
                    targets,
                    learningRate,
                    epochs,
                    maxSteps,
                    batchSize,
                    documentWeight,
                    Optional.empty());
        }

        public Training {
            targets = List.copyOf(targets);
            // Missing in journals of before it could be said.
            beta = Objects.requireNonNullElse(beta, Optional.empty());
            beta.ifPresent(strength -> Bounds.number("policy.training.beta", strength, 1e-3, 100));
            Bounds.integer("policy.training.rank", rank, 1, 256);
            Bounds.number("policy.training.alpha", alpha, 1e-3, 1e4);
            Bounds.number("policy.training.dropout", dropout, 0, 0.95);
            Bounds.number("policy.training.learning_rate", learningRate, 1e-8, 1);
            Bounds.integer("policy.training.epochs", epochs, 1, 1000);
            Bounds.integer("policy.training.max_steps", maxSteps, 1, 1_000_000);
            Bounds.integer("policy.training.batch_size", batchSize, 1, 1024);
            Bounds.number("policy.training.document_weight", documentWeight, 0, 1);
            if (targets.isEmpty()) {
                throw new ProblemException(Problem.invalid(
                        "policy.training.targets", "expected at least one projection name or all-linear; got none"));
            }
        }
    }

    /**
     * @param heldOutShare share of the new examples kept from training to judge it, 0 to 0.5
     * @param minimumImprovement by how much the mean log-probability a token of the held-out part must rise, in nats
     * @param retainedTolerance how much accuracy on the domain's retained suite may be lost, 0 to 1
     * @param generalTolerance how much accuracy on the base's general suite may be lost, 0 to 1
     */
    public record Gate(
            double heldOutShare, double minimumImprovement, double retainedTolerance, double generalTolerance) {
        public static final Gate DEFAULT = new Gate(0.1, 0.0, 0.02, 0.02);

        public Gate {
            Bounds.number("policy.gate.held_out_share", heldOutShare, 0, 0.5);
            Bounds.number("policy.gate.minimum_improvement", minimumImprovement, 0, 100);
            Bounds.number("policy.gate.retained_tolerance", retainedTolerance, 0, 1);
            Bounds.number("policy.gate.general_tolerance", generalTolerance, 0, 1);
        }
    }

    /**
     * @param capacity examples that the domain's buffer holds, 0 to 1,000,000
     * @param share part of each training batch that is replayed from the domain's buffer, 0 to 0.9
     * @param generalShare part of each training batch that is replayed from the base's general set, 0 to 0.9
     * @param distillation weight of the divergence from the parent's answers on the domain's replayed examples, 0 to 100
     * @param strategy which examples the buffer keeps
     * @param sampling how an update draws from it
     * @param tokens that the buffer's examples have together at most, 1 to 2,000,000,000; empty where only the capacity
     *     bounds it
     * @param generalDistillation weight of the divergence from the base's answers on general examples, 0 to 100; empty where
     *     it is that of the domain's
     * @param neighbourShare part of each training batch that is replayed from neighbours of what is new, for methods that use
     *     them, 0 to 0.9; empty for {@link #neighbours}
     */
    public record Replay(
            int capacity,
            double share,
            double generalShare,
            double distillation,
            ReplayStrategy strategy,
            ReplaySampling sampling,
            Optional<Integer> tokens,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Double> generalDistillation,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Double> neighbourShare) {
        private static final double MOST_REPLAYED = 0.9;
        private static final double USUAL_NEIGHBOURS = 0.16;
        /** That sums of three shares are off by at most. */
        private static final double ROUNDING = 1e-9;

        public static final Replay DEFAULT = new Replay(
                2_000,
                0.2,
                0.3,
                2.0,
                ReplayStrategy.RESERVOIR,
                ReplaySampling.PROPORTIONAL,
                Optional.empty(),
                Optional.of(5.0),
                Optional.empty());

        /** General examples are held to the base as the domain's are to the parent. */
        public Replay(
                int capacity,
                double share,
                double generalShare,
                double distillation,
                ReplayStrategy strategy,
                ReplaySampling sampling,
                Optional<Integer> tokens) {
            this(
                    capacity,
                    share,
                    generalShare,
                    distillation,
                    strategy,
                    sampling,
                    tokens,
                    Optional.empty(),
                    Optional.empty());
        }

        public Replay {
            // Missing in journals of before there was a choice.
            strategy = Objects.requireNonNullElse(strategy, ReplayStrategy.RESERVOIR);
            sampling = Objects.requireNonNullElse(sampling, ReplaySampling.PROPORTIONAL);
            tokens = Objects.requireNonNullElse(tokens, Optional.empty());
            generalDistillation = Objects.requireNonNullElse(generalDistillation, Optional.empty());
            neighbourShare = Objects.requireNonNullElse(neighbourShare, Optional.empty());
            Bounds.integer("policy.replay.capacity", capacity, 0, 1_000_000);
            Bounds.number("policy.replay.share", share, 0, 0.9);
            Bounds.number("policy.replay.general_share", generalShare, 0, 0.9);
            Bounds.number("policy.replay.distillation", distillation, 0, 100);
            generalDistillation.ifPresent(
                    weight -> Bounds.number("policy.replay.general_distillation", weight, 0, 100));
            tokens.ifPresent(most -> Bounds.integer("policy.replay.tokens", most, 1, 2_000_000_000));
            neighbourShare.ifPresent(part -> Bounds.number("policy.replay.neighbour_share", part, 0, MOST_REPLAYED));
            double all = share + generalShare + neighbourShare.orElse(0.0);
            if (all > MOST_REPLAYED + ROUNDING) {
                throw new ProblemException(Problem.invalid(
                        "policy.replay",
                        "share, general_share and neighbour_share together leave at least 0.1 for new examples; got "
                                + all));
            }
        }

        /** The neighbours' part where they are used: as given, or else 0.16 or what the other shares leave of 0.9. */
        public double neighbours() {
            return neighbourShare.orElse(Math.max(0, Math.min(USUAL_NEIGHBOURS, MOST_REPLAYED - share - generalShare)));
        }

        private Replay withoutNeighbours(double theirs) {
            double general = Math.min(MOST_REPLAYED - share, Math.round((generalShare + theirs) * 1e6) / 1e6);
            return with(capacity, general, Optional.empty());
        }

        /** The same for a buffer of another size. */
        public Replay holding(int examples) {
            return with(examples, generalShare, neighbourShare);
        }

        private Replay with(int examples, double general, Optional<Double> near) {
            return new Replay(
                    examples, share, general, distillation, strategy, sampling, tokens, generalDistillation, near);
        }
    }

    /**
     * Elastic weight consolidation, online (Schwarz et al. 2018).
     *
     * @param lambda how strongly parameters are held, 0 to 1,000,000: a change of the adapter by a vector of length d costs
     *     lambda d² / 2 nats where its parameters mattered as much as the mean of all
     * @param fisherDecay how much of what mattered counts one update later, 0 to 1
     * @param fisherExamples examples on which an update measures what matters, 1 to 100,000
     */
    public record Ewc(double lambda, double fisherDecay, int fisherExamples) {
        public static final Ewc DEFAULT = new Ewc(0.05, 0.9, 64);

        public Ewc {
            Bounds.number("policy.ewc.lambda", lambda, 0, 1e6);
            Bounds.number("policy.ewc.fisher_decay", fisherDecay, 0, 1);
            Bounds.integer("policy.ewc.fisher_examples", fisherExamples, 1, 100_000);
        }
    }

    /**
     * @param tenant who shares the GPUs, and has a budget a day where the settings give one: 1 to 63 of {@code a-z 0-9 -}
     * @param conflictGroups up to 8 names of the same form; no two domains of one group are trained at the same time
     * @param requests what becomes of a request while another one of the domain waits
     * @param memoryBytes that an update needs free on its trainer's device, 1 to 2^50; empty where no trainer is too small
     */
    public record Scheduling(
            String tenant,
            List<String> conflictGroups,
            RequestRule requests,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Long> memoryBytes) {
        private static final long MOST_MEMORY = 1L << 50;
        private static final int MOST_GROUPS = 8;
        private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

        public static final Scheduling DEFAULT =
                new Scheduling("default", List.of(), RequestRule.MERGE, Optional.empty());

        public Scheduling {
            conflictGroups = List.copyOf(conflictGroups);
            requireName("policy.scheduling.tenant", tenant);
            Bounds.integer("policy.scheduling.conflict_groups", conflictGroups.size(), 0, MOST_GROUPS);
            conflictGroups.forEach(group -> requireName("policy.scheduling.conflict_groups", group));
            // Missing in journals of before it could be said.
            memoryBytes = Objects.requireNonNullElse(memoryBytes, Optional.empty());
            memoryBytes.filter(bytes -> bytes < 1 || bytes > MOST_MEMORY).ifPresent(bytes -> {
                String param = "policy.scheduling.memory_bytes";
                throw new ProblemException(
                        Problem.invalid(param, param + " is an integer from 1 to " + MOST_MEMORY + "; got " + bytes));
            });
        }

        /** That needs no memory in particular. */
        public Scheduling(String tenant, List<String> conflictGroups, RequestRule requests) {
            this(tenant, conflictGroups, requests, Optional.empty());
        }

        private static void requireName(String param, String name) {
            if (!NAME.matcher(name).matches()) {
                throw new ProblemException(Problem.invalid(
                        param,
                        param
                                + " has names of 1 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit;"
                                + " got '" + Problem.shorten(name) + "'"));
            }
        }
    }
}
