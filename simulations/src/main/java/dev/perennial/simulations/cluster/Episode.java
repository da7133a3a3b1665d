package dev.perennial.simulations.cluster;

/**
 * A fault that happened. Times are seconds since the run began.
 *
 * @param ended when it was taken back
 * @param whole when every node answered for every domain again
 */
record Episode(Fault fault, int victim, double began, double ended, double whole) {}
