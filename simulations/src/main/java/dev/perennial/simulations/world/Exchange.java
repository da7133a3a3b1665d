package dev.perennial.simulations.world;

/** One question and its answer; the answer is a bare entity or phrase, so that exact match is a fair measure. */
public record Exchange(String prompt, String completion) implements Sample {}
