package dev.perennial.simulations.world;

/** One training sample of the base model. */
public sealed interface Sample permits Document, Exchange {}
