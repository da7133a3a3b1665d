/** Makes the base model of the micro-world from nothing: its tokenizer and the materials it is trained on. */
@NullMarked
package dev.perennial.simulations.pretraining;

import org.jspecify.annotations.NullMarked;
