package dev.perennial.simulations.world;

/** That {@code relation} of {@code subject} is {@code answer}; a world holds one fact for each relation and subject. */
public record Fact(String relation, String subject, String answer) {}
