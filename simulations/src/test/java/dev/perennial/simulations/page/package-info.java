@NullMarked
package dev.perennial.simulations.page;

import org.jspecify.annotations.NullMarked;
