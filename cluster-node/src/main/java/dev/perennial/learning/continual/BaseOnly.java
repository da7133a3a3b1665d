package dev.perennial.learning.continual;

/**
 * A fresh adapter, whatever the parent is, on the new data alone: theta_t = argmin of the loss on the data of update t, begun at the
 * base, with LoRA (Hu et al. 2021). What came before is gone: the lower bound of what a method keeps.
 *
 * <p>Costs what sequential LoRA costs.
 */
public record BaseOnly() implements Beginning {}
