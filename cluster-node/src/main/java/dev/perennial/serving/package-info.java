/** Inference: which version answers, adapters in memory, generation. */
@NullMarked
package dev.perennial.serving;

import org.jspecify.annotations.NullMarked;
