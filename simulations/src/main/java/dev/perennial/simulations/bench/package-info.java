/** Benchmarks of training, decoding and loading, each as a share of what this machine's arithmetic and memory can do. */
@NullMarked
package dev.perennial.simulations.bench;

import org.jspecify.annotations.NullMarked;
