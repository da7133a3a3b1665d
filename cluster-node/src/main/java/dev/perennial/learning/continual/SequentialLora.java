package dev.perennial.learning.continual;

/**
 * The parent's adapter is trained on; a fresh one where the parent is the bare base. Alone it is the baseline, sequential
 * fine-tuning of a low-rank adapter (Hu et al. 2021): theta_t = argmin of the loss on the data of update t, begun at theta_(t-1).
 *
 * <p>Costs nothing beside the training itself, in bytes, time or data kept, and forgets: hence it is what replay, distillation and
 * elastic consolidation are added to.
 */
public record SequentialLora() implements Beginning {}
