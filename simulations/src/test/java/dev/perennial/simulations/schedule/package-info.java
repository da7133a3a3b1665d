@NullMarked
package dev.perennial.simulations.schedule;

import org.jspecify.annotations.NullMarked;
