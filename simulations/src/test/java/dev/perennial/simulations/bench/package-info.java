@NullMarked
package dev.perennial.simulations.bench;

import org.jspecify.annotations.NullMarked;
