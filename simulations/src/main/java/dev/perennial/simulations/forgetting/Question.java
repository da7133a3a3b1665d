package dev.perennial.simulations.forgetting;

import dev.perennial.learning.Sequence;

/** @param sequence the prompt and the one right answer */
record Question(String prompt, Sequence sequence) {}
