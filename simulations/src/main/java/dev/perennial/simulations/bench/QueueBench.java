package dev.perennial.simulations.bench;

import dev.perennial.domain.Placement;
import dev.perennial.domain.SchedulerDecisions;
import dev.perennial.domain.SchedulerSettings;
import dev.perennial.domain.SchedulerState;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The scheduler's queue at its full length: requests put in, and the best granted and taken out, by decisions and events as in the
 * cluster. Time is that of the thread on the processor, so that other work on the machine does not count; with {@code --jmh}
 * it is the clock's.
 */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description = "Requests put in and granted a second, and heap bytes a request, with many that wait.")
final class QueueBench implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--requests", description = "That wait (default: ${DEFAULT-VALUE}).")
    private int requests = 1_000_000;

    @Option(names = "--picks", description = "Grants that are measured (default: ${DEFAULT-VALUE}).")
    private int picks = 200_000;

    @Option(names = "--jmh", description = "Measures by JMH, in a JVM of its own; wants the machine for itself.")
    private boolean jmh;

    @Option(names = "--report", paramLabel = "FILE", description = "Writes the figures as JSON.")
    private @Nullable Path report;

    @Override
    public Integer call() throws Exception {
        if (jmh) {
            return runJmh();
        }
        QueueRequests drawn = new QueueRequests(1);
        long before = heap();
        long begun = cpu();
        SchedulerState state = SchedulerState.EMPTY;
        Instant now = Instant.EPOCH;
        for (int i = 0; i < requests; i++) {
            UpdateRequest request = drawn.next();
            now = request.requestedAt();
            state = state.applyAll(SchedulerDecisions.enqueue(state, request, now));
        }
        double enqueuing = (cpu() - begun) * 1e-9;
        long held = heap() - before;
        begun = cpu();
        for (int i = 0; i < picks; i++) {
            List<SchedulerEvent> grants =
                    SchedulerDecisions.grant(state, SchedulerSettings.DEFAULT, Placement.unknown("trainer"), now);
            state = state.applyAll(grants);
            UpdateId update = state.leaseOf("trainer").orElseThrow().update();
            state = state.applyAll(SchedulerDecisions.remove(state, update, "done", now));
        }
        double picking = (cpu() - begun) * 1e-9;
        Report figures = new Report()
                .setting("bench", "queue")
                .setting("requests", requests)
                .figure("enqueued_per_second", requests / enqueuing, "")
                .figure("granted_and_removed_per_second", picks / picking, "")
                .figure("bytes_per_request", (double) held / requests, "bytes");
        if (state.entries().size() != requests - picks) {
            throw new IllegalStateException("expected " + (requests - picks) + " requests to be left; got "
                    + state.entries().size());
        }
        spec.commandLine().getOut().print(figures.table());
        spec.commandLine().getOut().flush();
        if (report != null) {
            figures.write(report);
        }
        return 0;
    }

    private int runJmh() throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        options.include(QueueBenchmark.class.getName()).param("requests", Integer.toString(requests));
        if (report != null) {
            options.result(report.toString()).resultFormat(org.openjdk.jmh.results.format.ResultFormatType.JSON);
        }
        new Runner(options.build()).run();
        return 0;
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
