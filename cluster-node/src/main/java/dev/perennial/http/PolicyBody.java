package dev.perennial.http;

import dev.perennial.intake.JsonFields;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import dev.perennial.protocols.RequestRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A policy of which any part may be left out; what is left out is as in {@link DomainPolicy#DEFAULT} by its method ({@link
 * DomainPolicy#by}); and where the divergence from the parent is weighed and that from the base is not, both alike.
 */
final class PolicyBody {
    static final List<String> SECTIONS = List.of("training", "gate", "replay", "ewc", MethodField.NAME, "scheduling");

    private static final List<String> TRAINING = List.of(
            "rank",
            "alpha",
            "dropout",
            "targets",
            "learning_rate",
            "epochs",
            "max_steps",
            "batch_size",
            "document_weight",
            "beta");
    private static final List<String> GATE =
            List.of("held_out_share", "minimum_improvement", "retained_tolerance", "general_tolerance");
    private static final List<String> REPLAY = List.of(
            "capacity",
            "share",
            "general_share",
            "distillation",
            "strategy",
            "sampling",
            "tokens",
            "general_distillation",
            "neighbour_share");
    private static final List<String> EWC = List.of("lambda", "fisher_decay", "fisher_examples");
    private static final List<String> SCHEDULING = List.of("tenant", "conflict_groups", "requests", "memory_bytes");
    private static final int LONGEST_NAME = 63;
    private static final int MOST_GROUPS = 8;
    private static final int MOST_TARGETS = 64;
    private static final int LONGEST_TARGET = 200;

    private PolicyBody() {}

    static DomainPolicy read(JsonFields fields) {
        LearningMethod method = MethodField.read(fields).orElse(DomainPolicy.DEFAULT.method());
        DomainPolicy standard = DomainPolicy.DEFAULT.by(method);
        return new DomainPolicy(
                fields.optionalObject("training", TRAINING)
                        .map(part -> training(part, standard.training()))
                        .orElse(standard.training()),
                fields.optionalObject("gate", GATE)
                        .map(part -> gate(part, standard.gate()))
                        .orElse(standard.gate()),
                fields.optionalObject("replay", REPLAY)
                        .map(part -> replay(part, standard.replay()))
                        .orElse(standard.replay()),
                fields.optionalObject("ewc", EWC)
                        .map(part -> ewc(part, standard.ewc()))
                        .orElse(standard.ewc()),
                standard.method(),
                fields.optionalObject("scheduling", SCHEDULING)
                        .map(part -> scheduling(part, standard.scheduling()))
                        .orElse(standard.scheduling()));
    }

    private static DomainPolicy.Training training(JsonFields fields, DomainPolicy.Training standard) {
        return new DomainPolicy.Training(
                integer(fields, "rank").orElse(standard.rank()),
                number(fields, "alpha").orElse(standard.alpha()),
                number(fields, "dropout").orElse(standard.dropout()),
                fields.optionalTexts("targets", MOST_TARGETS, LONGEST_TARGET).orElse(standard.targets()),
                number(fields, "learning_rate").orElse(standard.learningRate()),
                integer(fields, "epochs").orElse(standard.epochs()),
                integer(fields, "max_steps").orElse(standard.maxSteps()),
                integer(fields, "batch_size").orElse(standard.batchSize()),
                number(fields, "document_weight").orElse(standard.documentWeight()),
                number(fields, "beta").or(standard::beta));
    }

    private static DomainPolicy.Gate gate(JsonFields fields, DomainPolicy.Gate standard) {
        return new DomainPolicy.Gate(
                number(fields, "held_out_share").orElse(standard.heldOutShare()),
                number(fields, "minimum_improvement").orElse(standard.minimumImprovement()),
                number(fields, "retained_tolerance").orElse(standard.retainedTolerance()),
                number(fields, "general_tolerance").orElse(standard.generalTolerance()));
    }

    private static DomainPolicy.Replay replay(JsonFields fields, DomainPolicy.Replay standard) {
        return new DomainPolicy.Replay(
                integer(fields, "capacity").orElse(standard.capacity()),
                number(fields, "share").orElse(standard.share()),
                number(fields, "general_share").orElse(standard.generalShare()),
                number(fields, "distillation").orElse(standard.distillation()),
                oneOf(fields, "strategy", ReplayStrategy.values()).orElse(standard.strategy()),
                oneOf(fields, "sampling", ReplaySampling.values()).orElse(standard.sampling()),
                integer(fields, "tokens").or(standard::tokens),
                number(fields, "general_distillation")
                        .or(() -> fields.has("distillation") ? Optional.empty() : standard.generalDistillation()),
                number(fields, "neighbour_share").or(standard::neighbourShare));
    }

    /** In the API the words of a constant are lower-case and joined by hyphens. */
    private static <T extends Enum<T>> Optional<T> oneOf(JsonFields fields, String name, T[] values) {
        Map<String, T> byName = new LinkedHashMap<>();
        for (T value : values) {
            byName.put(value.name().toLowerCase(Locale.ROOT).replace('_', '-'), value);
        }
        return fields.optionalOneOf(name, List.copyOf(byName.keySet())).map(byName::get);
    }

    private static DomainPolicy.Ewc ewc(JsonFields fields, DomainPolicy.Ewc standard) {
        return new DomainPolicy.Ewc(
                number(fields, "lambda").orElse(standard.lambda()),
                number(fields, "fisher_decay").orElse(standard.fisherDecay()),
                integer(fields, "fisher_examples").orElse(standard.fisherExamples()));
    }

    private static DomainPolicy.Scheduling scheduling(JsonFields fields, DomainPolicy.Scheduling standard) {
        return new DomainPolicy.Scheduling(
                fields.optionalText("tenant", LONGEST_NAME).orElse(standard.tenant()),
                fields.optionalTexts("conflict_groups", MOST_GROUPS, LONGEST_NAME)
                        .orElse(standard.conflictGroups()),
                oneOf(fields, "requests", RequestRule.values()).orElse(standard.requests()),
                fields.optionalLong("memory_bytes").or(standard::memoryBytes));
    }

    /** The records check the ranges, and name them. */
    private static Optional<Integer> integer(JsonFields fields, String name) {
        return fields.optionalInteger(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static Optional<Double> number(JsonFields fields, String name) {
        return fields.optionalNumber(name, -Double.MAX_VALUE, Double.MAX_VALUE);
    }
}
