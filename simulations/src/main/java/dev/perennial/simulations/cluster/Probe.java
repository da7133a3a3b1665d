package dev.perennial.simulations.cluster;

import dev.perennial.protocols.DomainId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Asks for one domain again and again, by turns for what it holds and, where it may, to take an example, and notes each success. */
final class Probe implements Workload.Work {
    /**
     * Less than what is to be measured. A node that is late is not given up, though: it may be the one that is about to have the answer, and
     * what is measured is the domain's absence, not a client's lack of luck.
     */
    private static final Duration LATE = Duration.ofMillis(250);

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration PACE = Duration.ofMillis(150);

    private final RunContext run;
    private final DomainId domain;
    private final boolean writes;
    private final ClusterClient client;
    private final Examples examples;
    private int turn;

    Probe(RunContext run, DomainId domain, boolean writes) {
        String name = "probe-" + domain;
        SplittableRandom random = new SplittableRandom(run.seed() ^ name.hashCode());
        this.run = run;
        this.domain = domain;
        this.writes = writes;
        this.client = run.client(name, random.nextInt(run.nodes().size()), PATIENCE);
        this.examples = new Examples(name, random);
    }

    @Override
    public void run() throws InterruptedException {
        double asked = run.seconds();
        boolean success;
        if (writes && turn++ % 2 == 0) {
            success = Writer.write(
                    run, domain, List.of(examples.next()), call -> client.sendHedged(call, LATE, Deadline.in(LIMIT)));
        } else {
            Optional<ClusterClient.Reply> reply =
                    client.sendHedged(ClusterClient.Call.get("/v1/domains/" + domain), LATE, Deadline.in(LIMIT));
            success = reply.filter(ClusterClient.Reply::succeeded).isPresent();
            reply.filter(each -> !each.succeeded()).ifPresent(each -> run.refused("a probe of " + domain, each));
        }
        if (success) {
            double now = run.seconds();
            run.answers().succeeded(domain.value(), now, now - asked);
        }
        TimeUnit.MILLISECONDS.sleep(PACE.toMillis());
    }
}
