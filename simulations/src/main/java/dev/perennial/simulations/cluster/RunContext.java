package dev.perennial.simulations.cluster;

import dev.perennial.simulations.cluster.invariants.LeaseSighting;
import dev.perennial.simulations.cluster.invariants.Sighting;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the threads of a run share.
 *
 * @param seed from which every worker draws
 * @param answers of the probes, by domain
 * @param refusals answers of 400 to 499, which nothing in a run deserves, each with who got it
 * @param deaths of workers, each with its cause
 * @param began of the monotonic clock
 */
record RunContext(
        long seed,
        List<NodeAddress> nodes,
        Ledger ledger,
        History history,
        Answers answers,
        Queue<Sighting> sightings,
        Queue<LeaseSighting> leases,
        Queue<String> refusals,
        Queue<String> deaths,
        AtomicBoolean stopped,
        long began) {
    static RunContext begin(long seed, List<NodeAddress> nodes, History history) {
        return new RunContext(
                seed,
                nodes,
                new Ledger(),
                history,
                new Answers(),
                new ConcurrentLinkedQueue<>(),
                new ConcurrentLinkedQueue<>(),
                new ConcurrentLinkedQueue<>(),
                new ConcurrentLinkedQueue<>(),
                new AtomicBoolean(),
                System.nanoTime());
    }

    /** Since the run began. */
    double seconds() {
        return (System.nanoTime() - began) / 1e9;
    }

    ClusterClient client(String worker, int first, Duration patience) {
        return new ClusterClient(worker, nodes, first, history, patience);
    }

    /** An answer that refuses what was right to ask. */
    void refused(String worker, ClusterClient.Reply reply) {
        String refusal = worker + " was refused by node " + reply.node() + ": " + reply.status() + " " + reply.body();
        refusals.add(refusal);
        history.event(refusal);
    }

    /** A worker that should go on until the run ends does not: what it would have seen is missing. */
    void died(String worker, Throwable cause) {
        String death = worker + " died: " + cause;
        deaths.add(death);
        history.event(death);
    }

    Tally tally(int stuckNodes) {
        return new Tally(ledger.book().acknowledgedByKind(), sightings.size(), stuckNodes, List.copyOf(refusals));
    }
}
