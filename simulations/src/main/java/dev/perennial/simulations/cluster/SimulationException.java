package dev.perennial.simulations.cluster;

/** The simulation itself cannot go on; the message is meant for whoever runs it. */
final class SimulationException extends RuntimeException {
    SimulationException(String message) {
        super(message);
    }
}
