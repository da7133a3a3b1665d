/**
 * The learning engine: base models, adapters, training, scoring and decoding, on DJL with the PyTorch engine.
 *
 * <p>All arithmetic is TorchScript from {@code resources/torchscript}; Java holds the weights and makes one call a step.
 * Knows nothing of actors, of the cluster or of domains.
 */
@NullMarked
package dev.perennial.learning;

import org.jspecify.annotations.NullMarked;
