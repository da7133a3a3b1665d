package dev.perennial.simulations.cluster;

import dev.perennial.protocols.DomainId;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Carries out a plan of faults, one after the other, and between two of them sees to it that the cluster becomes whole again. */
final class FaultInjector {
    private static final Duration EXIT = Duration.ofSeconds(75);
    private static final Duration WHOLE = Duration.ofMinutes(8);
    private static final Duration STUCK = Duration.ofMinutes(3);
    private static final Duration POLL = Duration.ofMillis(250);
    /** Within which some update is trained. */
    private static final Duration TRAINING = Duration.ofSeconds(60);

    private static final int SLOW_RUN_MILLIS = 50;
    private static final int SLOW_STAND_MILLIS = 250;
    private static final String TRAINING_THREAD = "perennial-training-";

    private final RunContext run;
    private final SimulatedCluster cluster;
    private final List<DomainId> domains;
    private final ReadinessProbe probe = new ReadinessProbe();
    private final List<Episode> episodes = new ArrayList<>();
    private int stuck;

    FaultInjector(RunContext run, SimulatedCluster cluster, List<DomainId> domains) {
        this.run = run;
        this.cluster = cluster;
        this.domains = List.copyOf(domains);
    }

    /**
     * Begins no fault after {@code end}, but for those of which there was none yet.
     *
     * @param least faults that are tried however long they take; what could not be done, as where no training was there to
     *     hang, is no episode
     */
    void inject(FaultPlan plan, int least, Deadline end) throws InterruptedException {
        for (int tried = 0; !end.isOver() || tried < least; tried++) {
            FaultPlan.Planned planned = plan.next();
            TimeUnit.MILLISECONDS.sleep(planned.quiet().toMillis());
            double began = run.seconds();
            run.history()
                    .event("fault " + planned.fault().label() + " of node " + planned.victim() + " for "
                            + planned.length().toMillis() + " ms");
            boolean done = carryOut(planned);
            double ended = run.seconds();
            awaitWhole();
            if (done) {
                add(new Episode(planned.fault(), planned.victim(), began, ended, run.seconds()));
            }
            run.history().event("whole again after " + planned.fault().label());
        }
    }

    /**
     * Renews the node that leaves an archive of the classes which it has loaded under load. Most of what a node's start takes of a
     * machine's cores is the loading of classes, and from here on nodes are started all the time.
     */
    void archiveClasses() throws InterruptedException {
        NodeProcess node = cluster.archiving();
        int index = node.address().index();
        run.history().event("node " + index + " is renewed, by which it leaves an archive of the program's classes");
        node.terminate();
        if (!node.awaitExit(EXIT)) {
            throw new SimulationException(
                    "node " + index + " did not end within " + EXIT.toSeconds() + " s of SIGTERM");
        }
        awaitWhole();
    }

    private boolean carryOut(FaultPlan.Planned planned) throws InterruptedException {
        NodeProcess node = cluster.node(planned.victim());
        long millis = planned.length().toMillis();
        switch (planned.fault()) {
            case KILL -> {
                node.kill();
                TimeUnit.MILLISECONDS.sleep(millis);
                node.start();
            }
            case TERM -> {
                node.terminate();
                if (!node.awaitExit(EXIT)) {
                    run.history().event("node " + planned.victim() + " did not end in time and is killed");
                    stuck();
                    node.kill();
                }
                TimeUnit.MILLISECONDS.sleep(millis);
                node.start();
            }
            case PAUSE -> {
                node.pause();
                TimeUnit.MILLISECONDS.sleep(millis);
                node.resume();
            }
            case PARTITION -> {
                cluster.partition().isolate(planned.victim());
                // It ends when it learns that it is cut off, and comes back behind the cut.
                Supervisor.attend(node, Deadline.in(planned.length())::isOver, run.history());
                cluster.partition().heal();
            }
            case DATABASE -> {
                cluster.database().kill();
                if (!cluster.database().awaitRestart(WHOLE)) {
                    throw new SimulationException("Cassandra did not start again");
                }
            }
            case SLOW_DISK -> slowDown(planned.length());
            case CLOCK -> {
                setClock(planned.victim(), planned.clockMillis());
                TimeUnit.MILLISECONDS.sleep(millis);
                setClock(planned.victim(), 0);
            }
            case HANG -> {
                return hang(node, millis);
            }
        }
        return true;
    }

    private void slowDown(Duration length) throws InterruptedException {
        Deadline end = Deadline.in(length);
        long pid = cluster.database().pid();
        try {
            while (!end.isOver()) {
                Signals.send("-STOP", pid);
                TimeUnit.MILLISECONDS.sleep(SLOW_STAND_MILLIS);
                Signals.send("-CONT", pid);
                TimeUnit.MILLISECONDS.sleep(SLOW_RUN_MILLIS);
            }
        } finally {
            Signals.send("-CONT", pid);
        }
    }

    private void setClock(int node, long millis) {
        try {
            Files.writeString(cluster.clockOffset(node), Long.toString(millis));
        } catch (IOException e) {
            throw new SimulationException("cannot write " + cluster.clockOffset(node) + ": " + e.getMessage());
        }
    }

    /** Whether any thread hung. */
    private boolean hang(NodeProcess node, long millis) throws InterruptedException {
        try (HungThread hung = HungThread.suspend(node.address().debug(), TRAINING_THREAD, Deadline.in(TRAINING))) {
            run.history()
                    .event(hung.count() + " training threads of node "
                            + node.address().index() + " hang");
            if (hung.count() == 0) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(millis);
            return true;
        } catch (IOException e) {
            run.history()
                    .event("no thread of node " + node.address().index() + " could be made to hang: " + e.getMessage());
            return false;
        }
    }

    /**
     * Nodes that have ended are started again, as a supervisor would. One that lives and does not answer for too long is
     * killed, as a liveness probe would have it; that is counted, for it should not be needed.
     */
    void awaitWhole() throws InterruptedException {
        Deadline end = Deadline.in(WHOLE);
        Deadline patience = Deadline.in(STUCK);
        while (!end.isOver()) {
            boolean whole = true;
            for (NodeProcess node : cluster.nodes()) {
                node.start();
                if (!answers(node.address())) {
                    whole = false;
                    if (patience.isOver()) {
                        run.history().event("node " + node.address().index() + " is stuck and is killed");
                        stuck();
                        node.kill();
                    }
                }
            }
            if (whole) {
                return;
            }
            patience = patience.isOver() ? Deadline.in(STUCK) : patience;
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
        throw new SimulationException("the cluster was not whole again within " + WHOLE.toSeconds() + " s");
    }

    private boolean answers(NodeAddress node) throws InterruptedException {
        if (!probe.isReady(node)) {
            return false;
        }
        for (DomainId domain : domains) {
            if (!probe.answers(node, "/v1/domains/" + domain)) {
                return false;
            }
        }
        return probe.answers(node, "/v1/queue");
    }

    private synchronized void add(Episode episode) {
        episodes.add(episode);
    }

    private synchronized void stuck() {
        stuck++;
    }

    synchronized List<Episode> episodes() {
        return List.copyOf(episodes);
    }

    /** How often a node had to be killed since it neither answered nor ended. */
    synchronized int stuckNodes() {
        return stuck;
    }
}
