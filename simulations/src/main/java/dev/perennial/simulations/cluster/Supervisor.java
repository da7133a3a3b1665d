package dev.perennial.simulations.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Starts a node again that has ended by itself, a second later, as what runs nodes in earnest does, wherever it then finds itself. */
final class Supervisor {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration POLL = Duration.ofMillis(100);

    private Supervisor() {}

    /**
     * Attends to a node for a while.
     *
     * @param over whether that while is over
     * @return how often it was started again
     */
    static int attend(NodeProcess node, BooleanSupplier over, History history) throws InterruptedException {
        int starts = 0;
        while (!over.getAsBoolean()) {
            if (!node.isAlive()) {
                history.event("node " + node.address().index() + " has ended by itself and is started again");
                TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
                node.start();
                starts++;
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
        return starts;
    }
}
