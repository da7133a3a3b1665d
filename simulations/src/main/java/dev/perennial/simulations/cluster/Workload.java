package dev.perennial.simulations.cluster;

import dev.perennial.protocols.DomainId;
import dev.perennial.simulations.cluster.invariants.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The clients of a run, a thread each. Domains are of two sorts: into those of the first many examples are written and nothing is
 * learned; those of the second live: examples, updates, completions, feedback, rollbacks. Of these two each are of one conflict group, so
 * that an urgent update of one stops what runs of the other, and of two tenants. What is asked, and of whom first, is drawn from the seed;
 * when it is answered is not.
 */
final class Workload {
    private static final Duration CREATION = Duration.ofSeconds(60);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** An update costs a moment: this is about faults, not about learning. */
    private static final String POLICY = """
            {"training":{"rank":2,"alpha":4,"targets":["q_proj"],"epochs":20,"max_steps":20,"batch_size":4},
             "gate":{"held_out_share":0,"retained_tolerance":1,"general_tolerance":1},
             "replay":{"capacity":32},
             "scheduling":{"tenant":"%s","conflict_groups":[%s]}}""";

    private final RunContext run;
    private final List<DomainId> written;
    private final List<DomainId> learning;
    private final int examplesASecond;
    private final int waiting;
    private final List<Thread> threads = new ArrayList<>();

    /**
     * @param examplesASecond into each domain that only is written
     * @param waiting examples that each of those has before the clients are set to work
     */
    Workload(RunContext run, int writtenDomains, int learningDomains, int examplesASecond, int waiting) {
        this.run = run;
        this.written = domains("written", writtenDomains);
        this.learning = domains("learning", learningDomains);
        this.examplesASecond = examplesASecond;
        this.waiting = waiting;
    }

    private static List<DomainId> domains(String sort, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> new DomainId(sort + "-" + number))
                .toList();
    }

    List<DomainId> domains() {
        List<DomainId> all = new ArrayList<>(written);
        all.addAll(learning);
        return all;
    }

    /** Creates the domains with what they begin with, then sets all clients to work. */
    void start() throws InterruptedException {
        ClusterClient client = run.client("creator", 0, PATIENCE);
        for (DomainId domain : written) {
            create(client, domain, POLICY.formatted("default", ""));
        }
        for (int number = 0; number < learning.size(); number++) {
            String policy = POLICY.formatted("tenant-" + number % 2, "\"pair-" + number / 2 + "\"");
            create(client, learning.get(number), policy);
        }
        List<Writer> writers = new ArrayList<>();
        for (DomainId domain : written) {
            Writer writer = new Writer(run, domain, examplesASecond);
            writer.fill(waiting);
            writers.add(writer);
        }
        for (Writer writer : writers) {
            begin("writer-" + writer.domain(), writer);
        }
        for (DomainId domain : written) {
            begin("probe-" + domain, new Probe(run, domain, true));
        }
        for (DomainId domain : learning) {
            begin("learner-" + domain, new Learner(run, domain));
            begin("probe-" + domain, new Probe(run, domain, false));
        }
        begin("watcher", new Watcher(run, learning));
    }

    private void create(ClusterClient client, DomainId domain, String policy) throws InterruptedException {
        run.ledger().open(Write.Kind.DOMAIN, domain, domain.value());
        Optional<ClusterClient.Reply> reply = client.send(
                ClusterClient.Call.json(
                        "/v1/domains",
                        "{\"id\":\"%s\",\"description\":\"of a simulation\",\"policy\":%s}".formatted(domain, policy)),
                Deadline.in(CREATION));
        // 409: an attempt without an answer had created it.
        if (reply.filter(each -> each.succeeded() || each.status() == 409).isEmpty()) {
            throw new SimulationException("domain " + domain + " could not be created: "
                    + reply.map(each -> each.body().toString()).orElse("no answer"));
        }
        run.ledger().acknowledge(Write.Kind.DOMAIN, domain, domain.value(), "");
    }

    /** What a client does until the run is stopped. */
    interface Work {
        void run() throws InterruptedException;
    }

    void begin(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!run.stopped().get()) {
                            work.run();
                        }
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setUncaughtExceptionHandler((worker, cause) -> run.died(worker.getName(), cause));
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** Each client ends what it is at; those that do not within the limit are interrupted, and what they were at stays ambiguous. */
    void stop(Duration limit) throws InterruptedException {
        run.stopped().set(true);
        Deadline end = Deadline.in(limit);
        for (Thread thread : threads) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end.nanos() - System.nanoTime())));
        }
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
    }
}
