@NullMarked
package dev.perennial.simulations.cluster;

import org.jspecify.annotations.NullMarked;
