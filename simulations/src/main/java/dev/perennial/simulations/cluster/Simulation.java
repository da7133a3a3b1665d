package dev.perennial.simulations.cluster;

import dev.perennial.simulations.cluster.invariants.Invariant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One run from the first process to the last. */
final class Simulation {
    /** Within which every node answers with a version that has become live: as long as a node may be cut off unawares. */
    static final Duration PROPAGATION = Duration.ofSeconds(15);

    /** Load without faults comes first: nodes that were started a moment ago have still to load what a domain needs. */
    private static final Duration MOST_CALM = Duration.ofSeconds(15);

    private static final int CALM_SHARE = 10;

    private static final Duration SETTLE = Duration.ofSeconds(60);
    /** Within which, after the last fault, an update ends or is found in the queue. */
    private static final Duration UPDATES_END = Duration.ofMinutes(3);

    private final ClusterOptions options;
    private final Consumer<String> progress;
    private final RunContext run;
    private final Workload workload;
    private final FaultInjector injector;
    private final Inspection inspection;
    private final Observer observer;
    /** Seconds under load, once it is over. */
    private Optional<Double> loaded = Optional.empty();

    private Simulation(
            ClusterOptions options,
            Consumer<String> progress,
            RunContext run,
            Workload workload,
            FaultInjector injector,
            Inspection inspection,
            Observer observer) {
        this.options = options;
        this.progress = progress;
        this.run = run;
        this.workload = workload;
        this.injector = injector;
        this.inspection = inspection;
        this.observer = observer;
    }

    /** @throws SimulationException where it did not even begin; what keeps it from its end afterwards, its report says */
    static ClusterReport run(ClusterOptions options, Consumer<String> progress) throws InterruptedException {
        Optional<ClusterReport> report = Optional.empty();
        try (History history = History.in(options.work().resolve("history.jsonl"));
                SimulatedCluster cluster = SimulatedCluster.start(options, progress);
                Archive archive = Archive.open(cluster.database().contactPoint())) {
            RunContext run = RunContext.begin(options.seed(), cluster.addresses(), history);
            Workload workload =
                    new Workload(run, options.domains(), options.domains(), options.writes(), options.waiting());
            FaultInjector injector = new FaultInjector(run, cluster, workload.domains());
            Inspection inspection = new Inspection(run, archive, workload.domains(), Invariant.all(PROPAGATION));
            Observer observer = new Observer(run, inspection, injector, options.duration(), progress);
            report = Optional.of(
                    new Simulation(options, progress, run, workload, injector, inspection, observer).report());
            return report.get();
        } catch (RuntimeException failure) {
            // What was found counts, though files or connections could not be closed.
            return report.map(found -> found.keptFromItsEnd(Verdict.reason(failure)))
                    .orElseThrow(() -> failure);
        }
    }

    private ClusterReport report() throws InterruptedException {
        Verdict verdict = Verdict.of(observer::findings, this::toItsEnd, this::lastLook);
        verdict.findings()
                .breaches()
                .forEach((name, found) -> found.forEach(breach -> run.history().event(name + " is broken: " + breach)));
        List<String> incomplete = new ArrayList<>(verdict.incomplete());
        incomplete.addAll(run.deaths());
        return new ClusterReport(
                options.seed(),
                loaded.orElseGet(run::seconds),
                verdict.findings(),
                run.tally(injector.stuckNodes()),
                injector.episodes(),
                run.answers().all(),
                incomplete);
    }

    private Findings toItsEnd() throws InterruptedException {
        if (options.waiting() > 0) {
            progress.accept("writing " + options.waiting() + " examples into each domain that is only written to");
        }
        workload.start();
        observer.start();
        Deadline end = Deadline.in(options.duration());
        if (options.faults().isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(options.duration().toMillis());
        } else {
            Duration calm = options.duration().dividedBy(CALM_SHARE);
            TimeUnit.MILLISECONDS.sleep(Math.min(MOST_CALM.toMillis(), calm.toMillis()));
            injector.archiveClasses();
            injector.inject(
                    new FaultPlan(options.seed(), options.faults(), options.nodes(), options.quiet()),
                    options.faults().size(),
                    end);
        }
        endLoad();
        injector.awaitWhole();
        progress.accept("updates that were asked for end");
        inspection.awaitEnds(UPDATES_END);
        // From here on a node that answers with anything but the live version is wrong.
        TimeUnit.MILLISECONDS.sleep(PROPAGATION.toMillis());
        progress.accept("reading journals, tables and nodes");
        return observer.findings().and(inspection.after());
    }

    private void endLoad() throws InterruptedException {
        if (loaded.isEmpty()) {
            loaded = Optional.of(run.seconds());
            progress.accept("the clients end what they are at");
            workload.stop(SETTLE);
            observer.stop();
        }
    }

    /** At journals and tables alone: nodes may not answer. */
    private Findings lastLook() throws InterruptedException {
        endLoad();
        progress.accept("reading journals and tables");
        return inspection.last();
    }
}
