package dev.perennial.simulations.cluster;

import java.util.HashSet;
import java.util.Set;

/**
 * Which nodes cannot hear each other now. A connection over a cut is silent: nothing is refused, nothing arrives, and what was
 * under way arrives when the cut is healed, as it does with TCP. Thread-safe.
 */
final class Partition {
    private final Set<Integer> isolated = new HashSet<>();
    private boolean closed;

    /** Cuts a node off from all others. */
    synchronized void isolate(int node) {
        isolated.add(node);
    }

    synchronized void heal() {
        isolated.clear();
        notifyAll();
    }

    synchronized boolean separates(int from, int to) {
        return from != to && (isolated.contains(from) || isolated.contains(to));
    }

    /** Returns once the two can hear each other, or nothing matters any more. */
    synchronized void awaitPassage(int from, int to) throws InterruptedException {
        while (separates(from, to) && !closed) {
            wait();
        }
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
