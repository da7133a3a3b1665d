/** The scheduler: a cluster singleton that journals who works on what, over the rules in {@code domain}. */
@NullMarked
package dev.perennial.scheduler;

import org.jspecify.annotations.NullMarked;
