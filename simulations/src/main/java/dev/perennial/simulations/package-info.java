/** Experiments and simulations, each a command of the simulations jar. */
@NullMarked
package dev.perennial.simulations;

import org.jspecify.annotations.NullMarked;
