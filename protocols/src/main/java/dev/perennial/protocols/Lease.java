package dev.perennial.protocols;

/**
 * The right to work on an update.
 *
 * @param token fencing token, larger than that of any earlier lease
 */
public record Lease(UpdateId update, long token) {}
