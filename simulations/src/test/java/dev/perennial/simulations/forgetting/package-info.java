@NullMarked
package dev.perennial.simulations.forgetting;

import org.jspecify.annotations.NullMarked;
