package dev.perennial.simulations.world;

/** A plain text that states facts; every token of it is learnt. */
public record Document(String text) implements Sample {}
