package dev.perennial.learning;

import java.util.List;

/**
 * Shape of an adapter.
 *
 * @param rank R
 * @param alpha the product B A is scaled by alpha / R
 * @param dropout probability of dropping an input of the low-rank path in training
 * @param targets names of projections, such as {@code q_proj}, or {@code all-linear}
 */
public record LoraSettings(int rank, double alpha, double dropout, List<String> targets) {
    private static final String ALL = "all-linear";

    public LoraSettings {
        targets = List.copyOf(targets);
        if (rank < 1 || rank > 1024 || !(alpha > 0 && alpha < 1e6) || !(dropout >= 0 && dropout < 1)) {
            throw new LearningException(
                    "a LoRA has a rank of 1 to 1024, alpha above 0 and dropout of 0 to below 1; got " + rank + ", "
                            + alpha + ", " + dropout);
        }
        for (String target : targets) {
            if (!target.equals(ALL) && !ModelShape.PROJECTIONS.contains(target)) {
                throw new LearningException("unknown LoRA target '" + target + "'; known: " + ALL + ", "
                        + String.join(", ", ModelShape.PROJECTIONS));
            }
        }
        if (targets.isEmpty()) {
            throw new LearningException("a LoRA has at least one target; got none");
        }
    }

    boolean covers(int projection) {
        return targets.contains(ALL) || targets.contains(ModelShape.PROJECTIONS.get(projection));
    }
}
