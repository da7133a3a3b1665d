package dev.perennial.simulations.cluster.invariants;

import java.time.Instant;

/**
 * A row of a journal as it lies in the database.
 *
 * @param writer drawn by each incarnation of an entity
 * @param written by the machine's clock, when the row was made
 */
public record JournalRow<E>(long sequence, String writer, Instant written, E event) {}
