/** How much a model forgets over a sequence of updates, by method. */
@NullMarked
package dev.perennial.simulations.forgetting;

import org.jspecify.annotations.NullMarked;
