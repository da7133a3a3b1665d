@NullMarked
package dev.perennial.simulations.cluster.invariants;

import org.jspecify.annotations.NullMarked;
