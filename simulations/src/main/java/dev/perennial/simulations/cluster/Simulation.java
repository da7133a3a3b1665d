package dev.perennial.simulations.cluster;

import dev.perennial.simulations.cluster.invariants.Invariant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One run from the first process to the last. */
final class Simulation {
    /** Within which every node answers with a version that has become live: as long as a node may be cut off unawares. */
    static final Duration PROPAGATION = Duration.ofSeconds(15);

    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
    private static final Duration SETTLE = Duration.ofSeconds(60);
    private static final Duration QUIET = Duration.ofSeconds(3);

    private Simulation() {}

    /** @param history file of everything that was done */
    record Outcome(ClusterReport report, Path history, int stuckNodes, long refusals) {}

    static Outcome run(ClusterOptions options, Consumer<String> progress) throws InterruptedException {
        Path file = options.work().resolve("history.jsonl");
        try (History history = History.in(file);
                SimulatedCluster cluster = SimulatedCluster.start(options, progress);
                Archive archive = Archive.open(cluster.database().contactPoint())) {
            RunContext run = RunContext.begin(options.seed(), cluster.addresses(), history);
            Workload workload = new Workload(run, options.domains(), options.domains(), options.writes());
            FaultInjector injector = new FaultInjector(run, cluster, workload.domains());
            Inspection inspection = new Inspection(run, archive, workload.domains(), Invariant.all(PROPAGATION));
            workload.start();
            Observer observer = new Observer(run, inspection, injector, options.duration(), progress);
            observer.start();
            Deadline end = Deadline.in(options.duration());
            if (options.faults().isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(options.duration().toMillis());
            } else {
                injector.inject(
                        new FaultPlan(options.seed(), options.faults(), options.nodes()),
                        options.faults().size(),
                        end);
            }
            double seconds = run.seconds();
            progress.accept("the clients end what they are at");
            workload.stop(SETTLE);
            observer.stop();
            injector.awaitWhole();
            TimeUnit.MILLISECONDS.sleep(QUIET.toMillis());
            progress.accept("reading journals, tables and nodes");
            Findings findings = observer.findings().and(inspection.after());
            findings.breaches()
                    .forEach((name, found) -> found.forEach(breach -> history.event(name + " is broken: " + breach)));
            progress.accept(String.format(
                    Locale.ROOT,
                    "%d nodes had to be killed as stuck, %d requests were refused",
                    injector.stuckNodes(),
                    run.refusals().get()));
            return new Outcome(
                    new ClusterReport(
                            options.seed(),
                            seconds,
                            findings,
                            injector.episodes(),
                            run.answers().all()),
                    file,
                    injector.stuckNodes(),
                    run.refusals().get());
        }
    }

    /** Looks at the invariants while the run goes on, and tells how it goes. */
    private static final class Observer {
        private final RunContext run;
        private final Inspection inspection;
        private final FaultInjector injector;
        private final Duration duration;
        private final Consumer<String> progress;
        private final Thread thread = new Thread(this::observe, "observer");
        private volatile Findings findings = new Findings(java.util.Map.of(), 0, 0);
        private volatile boolean stopped;

        Observer(
                RunContext run,
                Inspection inspection,
                FaultInjector injector,
                Duration duration,
                Consumer<String> progress) {
            this.run = run;
            this.inspection = inspection;
            this.injector = injector;
            this.duration = duration;
            this.progress = progress;
        }

        void start() {
            thread.setDaemon(true);
            thread.start();
        }

        void stop() throws InterruptedException {
            stopped = true;
            thread.interrupt();
            thread.join();
        }

        Findings findings() {
            return findings;
        }

        private void observe() {
            try {
                while (!stopped) {
                    TimeUnit.MILLISECONDS.sleep(LOOK_EVERY.toMillis());
                    look();
                    progress.accept(String.format(
                            Locale.ROOT,
                            "%.0f of %d s, %d faults, %d writes acknowledged, invariants %s",
                            run.seconds(),
                            duration.toSeconds(),
                            injector.episodes().size(),
                            run.ledger().acknowledged(),
                            findings.held() ? "hold" : "BROKEN"));
                }
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            }
        }

        /** The database may be the one that is killed now; the next look makes up for this one. */
        private void look() {
            try {
                findings = findings.and(inspection.during());
            } catch (RuntimeException unreadable) {
                run.history().event("the journals could not be read: " + unreadable);
            }
        }
    }
}
