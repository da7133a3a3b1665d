package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.UpdateId;
import java.time.Instant;

/** The queue showed a trainer with its lease. */
public record LeaseSighting(Instant at, String trainer, UpdateId update, long token) {}
