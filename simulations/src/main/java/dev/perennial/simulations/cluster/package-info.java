/** Runs a real cluster under load and faults, keeps books of every acknowledgement, and checks what must never happen. */
@NullMarked
package dev.perennial.simulations.cluster;

import org.jspecify.annotations.NullMarked;
