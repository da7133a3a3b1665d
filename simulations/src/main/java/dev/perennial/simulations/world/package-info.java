/** The micro-world: a small generated set of facts, the language that asks for them, and the story in which some change. */
@NullMarked
package dev.perennial.simulations.world;

import org.jspecify.annotations.NullMarked;
