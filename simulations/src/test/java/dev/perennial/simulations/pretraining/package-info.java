@NullMarked
package dev.perennial.simulations.pretraining;

import org.jspecify.annotations.NullMarked;
