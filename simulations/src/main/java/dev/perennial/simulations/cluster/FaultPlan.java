package dev.perennial.simulations.cluster;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.TreeSet;

/**
 * Which faults come in which order, all of it drawn from a seed: each kind once in a drawn order, then by their weights. One
 * fault follows another once the cluster is whole again, so that there always is a majority that has to go on.
 */
final class FaultPlan {
    private static final int MORE_QUIET_MILLIS = 2_000;
    private static final int MAJORITY_OF_THREE = 3;
    private static final long FURTHEST_CLOCK_MILLIS = Duration.ofHours(1).toMillis();

    private final Random random;
    private final int nodes;
    private final Duration quiet;
    private final List<Fault> faults;
    private final Queue<Fault> first = new ArrayDeque<>();

    /**
     * @param victim index of the node; of no matter where the database is the victim
     * @param quiet time between the cluster being whole and the fault
     * @param length of the fault, or the time until the node is started again
     * @param clockMillis by how much the clock jumps
     */
    record Planned(Fault fault, int victim, Duration quiet, Duration length, long clockMillis) {}

    /** @param quiet least time between the cluster being whole and a fault; up to 2 s more are drawn */
    FaultPlan(long seed, Collection<Fault> faults, int nodes, Duration quiet) {
        this.random = new Random(seed);
        this.nodes = nodes;
        this.quiet = quiet;
        this.faults = List.copyOf(new TreeSet<>(faults));
        List<Fault> order = new ArrayList<>(this.faults);
        Collections.shuffle(order, random);
        first.addAll(order);
    }

    Planned next() {
        Fault fault = first.isEmpty() ? drawn() : first.remove();
        int seconds = fault.longestSeconds() - fault.shortestSeconds();
        return new Planned(
                fault,
                victim(fault),
                quiet.plusMillis(random.nextInt(MORE_QUIET_MILLIS)),
                Duration.ofMillis(fault.shortestSeconds() * 1_000L + random.nextInt(seconds * 1_000)),
                Math.round((random.nextDouble() * 2 - 1) * FURTHEST_CLOCK_MILLIS));
    }

    private Fault drawn() {
        int draw = random.nextInt(faults.stream().mapToInt(Fault::weight).sum());
        for (Fault fault : faults) {
            draw -= fault.weight();
            if (draw < 0) {
                return fault;
            }
        }
        throw new AssertionError("weights add up");
    }

    /** Of two nodes the first survives a split, and of one it is the only one. */
    private int victim(Fault fault) {
        int drawn = random.nextInt(nodes);
        return fault.removesNode() && nodes < MAJORITY_OF_THREE ? nodes - 1 : drawn;
    }
}
