/** What holds whatever dies: each invariant is a class that judges books, journals and sightings. */
@NullMarked
package dev.perennial.simulations.cluster.invariants;

import org.jspecify.annotations.NullMarked;
