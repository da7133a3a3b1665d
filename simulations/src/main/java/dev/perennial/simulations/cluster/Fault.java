package dev.perennial.simulations.cluster;

import java.util.Locale;

/** What can go wrong in a run. Of kills and partitions alone a run has four to one, as 200 and 50 are wanted. */
enum Fault {
    /** SIGKILL of a node; it is started again after a while. */
    KILL(8, 1, 5),
    /** SIGTERM of a node; it is started again when it has ended. */
    TERM(3, 0, 2),
    /** SIGSTOP of a node, and SIGCONT. */
    PAUSE(2, 3, 15),
    /**
     * A node and the others do not hear each other; all of them still reach the database and their clients. A node that ends
     * meanwhile is started again, behind the cut, for which the longest leave time.
     */
    PARTITION(2, 4, 30),
    /** SIGKILL of the database, which starts again by itself. */
    DATABASE(1, 1, 2),
    /** The database runs for 50 ms and stands still for 250 ms, over and over: whatever it waits for takes six times as long. */
    SLOW_DISK(1, 5, 10),
    /** The clock by which a node's program goes is off by up to an hour, and then right again. */
    CLOCK(1, 5, 15),
    /** The thread that trains on a node stops, its node runs on. */
    HANG(1, 10, 25);

    private final int weight;
    private final int shortestSeconds;
    private final int longestSeconds;

    Fault(int weight, int shortestSeconds, int longestSeconds) {
        this.weight = weight;
        this.shortestSeconds = shortestSeconds;
        this.longestSeconds = longestSeconds;
    }

    /** How often it is drawn beside the others. */
    int weight() {
        return weight;
    }

    int shortestSeconds() {
        return shortestSeconds;
    }

    int longestSeconds() {
        return longestSeconds;
    }

    /** Whether it takes a node out of the cluster, or may. */
    boolean removesNode() {
        return this == KILL || this == PAUSE || this == PARTITION;
    }

    /** As the command line and reports have it. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
