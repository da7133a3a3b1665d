package dev.perennial.learning.continual;

/**
 * A fresh adapter upon the parent's, which stays bit for bit: W + sum over the earlier updates of s B_i A_i (frozen) + s B_t A_t.
 * With {@link OrthogonalPenalty} the subspaces of successive updates are kept apart (O-LoRA, Wang et al. 2023). {@link Stacking}
 * lays the two side by side as one adapter.
 *
 * <p>Costs the rank of one adapter more with every update, in bytes and in each token's time.
 */
public record StackedLora() implements Beginning {}
