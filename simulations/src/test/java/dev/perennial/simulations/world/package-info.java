@NullMarked
package dev.perennial.simulations.world;

import org.jspecify.annotations.NullMarked;
