package dev.perennial.simulations.cluster;

import dev.perennial.protocols.DomainId;
import dev.perennial.simulations.cluster.invariants.Write;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes examples in batches, each until it is acknowledged, at a steady pace as far as the cluster keeps up. */
final class Writer implements Workload.Work {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int BATCHES_A_SECOND = 2;
    private static final int LARGEST_BATCH = 1_000;

    private final RunContext run;
    private final DomainId domain;
    private final ClusterClient client;
    private final Examples examples;
    private final int batch;
    private long due = System.nanoTime();

    Writer(RunContext run, DomainId domain, int examplesASecond) {
        String name = "writer-" + domain;
        SplittableRandom random = new SplittableRandom(run.seed() ^ name.hashCode());
        this.run = run;
        this.domain = domain;
        this.client = run.client(name, random.nextInt(run.nodes().size()), PATIENCE);
        this.examples = new Examples(name, random);
        this.batch = Math.max(1, examplesASecond / BATCHES_A_SECOND);
    }

    @Override
    public void run() throws InterruptedException {
        long wait = due - System.nanoTime();
        if (wait > 0) {
            TimeUnit.NANOSECONDS.sleep(wait);
        }
        due = Math.max(due, System.nanoTime()) + TimeUnit.SECONDS.toNanos(1) / BATCHES_A_SECOND;
        write(run, domain, client, Stream.generate(examples::next).limit(batch).toList(), LIMIT);
    }

    DomainId domain() {
        return domain;
    }

    /** Writes that many as fast as they are acknowledged. */
    void fill(int count) throws InterruptedException {
        for (int left = count; left > 0; left -= LARGEST_BATCH) {
            int now = Math.min(left, LARGEST_BATCH);
            if (!write(
                    run,
                    domain,
                    client,
                    Stream.generate(examples::next).limit(now).toList(),
                    LIMIT)) {
                throw new SimulationException("domain " + domain + " took " + (count - left) + " of the " + count
                        + " examples that it was to begin with, and then no more; the run's history.jsonl"
                        + " has each answer");
            }
        }
    }

    /** Sends examples as lines until they are acknowledged. Whether they were. */
    static boolean write(
            RunContext run, DomainId domain, ClusterClient client, List<Examples.Example> examples, Duration limit)
            throws InterruptedException {
        return write(run, domain, examples, call -> client.send(call, Deadline.in(limit)));
    }

    /** How a call is made. */
    interface Way {
        Optional<ClusterClient.Reply> send(ClusterClient.Call call) throws InterruptedException;
    }

    static boolean write(RunContext run, DomainId domain, List<Examples.Example> examples, Way way)
            throws InterruptedException {
        examples.forEach(example -> run.ledger().open(Write.Kind.EXAMPLE, domain, example.id()));
        Optional<ClusterClient.Reply> reply = way.send(ClusterClient.Call.lines(
                "/v1/domains/" + domain + "/examples",
                examples.stream().map(Examples.Example::json).collect(Collectors.joining("\n"))));
        boolean all = reply.filter(each -> each.succeeded()
                        && each.body().path("accepted").asInt()
                                        + each.body().path("duplicates").asInt()
                                == examples.size())
                .isPresent();
        if (all) {
            examples.forEach(example -> run.ledger().acknowledge(Write.Kind.EXAMPLE, domain, example.id(), ""));
        } else {
            reply.ifPresent(each -> run.refused("a writer of " + domain, each));
        }
        return all;
    }
}
