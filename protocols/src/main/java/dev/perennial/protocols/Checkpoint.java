package dev.perennial.protocols;

/**
 * Where a running update can be taken up again, by whoever holds its next lease.
 *
 * @param artifact of the artifact store; no other checkpoint has the same
 * @param step optimiser steps that need not be done again
 * @param token of the lease under which it was taken
 */
public record Checkpoint(String artifact, int step, long token) {}
