package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainId;
import java.time.Instant;

/**
 * A completion named the version that wrote it.
 *
 * @param node that was asked
 * @param version number of the version; 0 is the bare base
 */
public record Sighting(int node, DomainId domain, int version, Instant asked, Instant answered) {}
