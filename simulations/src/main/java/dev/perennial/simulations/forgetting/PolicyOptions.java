package dev.perennial.simulations.forgetting;

import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Numbers of the policy that all methods are run by; what is not given is a domain's default. */
final class PolicyOptions {
    private static final DomainPolicy DEFAULT = DomainPolicy.DEFAULT;

    @Option(names = "--rank", description = "Of the adapter.")
    private @Nullable Integer rank;

    @Option(names = "--targets", split = ",", description = "Projections that the adapter changes, or all-linear.")
    private List<String> targets = DEFAULT.training().targets();

    @Option(names = "--learning-rate", description = "Highest of the schedule.")
    private @Nullable Double learningRate;

    @Option(names = "--epochs", description = "Passes over what is new.")
    private @Nullable Integer epochs;

    @Option(names = "--max-steps", description = "Of an update.")
    private @Nullable Integer maxSteps;

    @Option(names = "--batch-size", description = "Sequences a step.")
    private @Nullable Integer batchSize;

    @Option(
            names = "--replay-share",
            description = "Part of a batch from the domain's buffer (default: a domain's; of CLINC150 0.6).")
    private @Nullable Double replayShare;

    @Option(
            names = "--general-share",
            description = "Part of a batch from the base's general set (default: a domain's; of CLINC150 0.15).")
    private @Nullable Double generalShare;

    @Option(
            names = "--distillation",
            description = "Weight of the divergence from the parent (default: a domain's; of CLINC150 4).")
    private @Nullable Double distillation;

    @Option(
            names = "--general-distillation",
            description =
                    "Weight of the divergence from the base on what is general (default: a domain's, or --distillation where"
                            + " that is given).")
    private @Nullable Double generalDistillation;

    @Option(
            names = "--neighbour-share",
            description =
                    "Part of a batch from neighbours of what is new, for methods that use them (default: a domain's; of"
                            + " CLINC150 0).")
    private @Nullable Double neighbourShare;

    @Option(
            names = "--strategy",
            description =
                    "Of the buffer: reservoir, class_balanced or source_balanced; the others need measurements that"
                            + " only a node's trainer takes.")
    private @Nullable ReplayStrategy strategy;

    @Option(
            names = "--ewc-lambda",
            description = "How strongly parameters are held (default: a domain's; of CLINC150 0.005).")
    private @Nullable Double lambda;

    @Option(names = "--fisher-decay", description = "What counts of it one update later.")
    private @Nullable Double fisherDecay;

    @Option(names = "--fisher-examples", description = "On which an update measures what matters.")
    private @Nullable Integer fisherExamples;

    /** @param scale what is taken where the options say nothing */
    DomainPolicy policy(Scale scale) {
        if (strategy == ReplayStrategy.HERDING || strategy == ReplayStrategy.LOSS_BASED) {
            throw new IllegalArgumentException("--strategy is reservoir, class_balanced or source_balanced here; got "
                    + strategy.toString().toLowerCase(Locale.ROOT));
        }
        DomainPolicy.Training training = DEFAULT.training();
        DomainPolicy.Replay replay = DEFAULT.replay();
        return new DomainPolicy(
                new DomainPolicy.Training(
                        or(rank, training.rank()),
                        2.0 * or(rank, training.rank()),
                        training.dropout(),
                        targets,
                        or(learningRate, scale.learningRate()),
                        or(epochs, scale.epochs()),
                        or(maxSteps, 100_000),
                        or(batchSize, scale.batchSize()),
                        training.documentWeight()),
                DEFAULT.gate(),
                new DomainPolicy.Replay(
                        replay.capacity(),
                        or(replayShare, scale.keeping().replayShare()),
                        or(generalShare, scale.keeping().generalShare()),
                        or(distillation, scale.keeping().distillation()),
                        or(strategy, ReplayStrategy.CLASS_BALANCED),
                        ReplaySampling.EQUAL,
                        Optional.empty(),
                        generalDistillation(scale),
                        Optional.ofNullable(neighbourShare)
                                .or(() -> scale.keeping().neighbourShare())),
                new DomainPolicy.Ewc(
                        or(lambda, scale.keeping().lambda()),
                        or(fisherDecay, DEFAULT.ewc().fisherDecay()),
                        or(fisherExamples, DEFAULT.ewc().fisherExamples())),
                DEFAULT.method());
    }

    private Optional<Double> generalDistillation(Scale scale) {
        return Optional.ofNullable(generalDistillation)
                .or(() -> distillation == null ? scale.keeping().generalDistillation() : Optional.empty());
    }

    private static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }
}
