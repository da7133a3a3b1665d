package dev.perennial.simulations.bench;

import dev.perennial.domain.SchedulerDecisions;
import dev.perennial.domain.SchedulerSettings;
import dev.perennial.domain.SchedulerState;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The scheduler's queue at its full length: requests put in, and the best granted and put in anew, by decisions and events as in the
 * cluster. Time is that of the thread on the processor, so that other work on the machine does not count.
 */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description = "Requests put in and granted a second, and heap bytes a request, with many that wait.")
final class QueueBench implements Callable<Integer> {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final int TENANTS = 20;
    private static final int WITH_DEADLINE_OF_TEN = 1;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--requests", description = "That wait (default: ${DEFAULT-VALUE}).")
    private int requests = 1_000_000;

    @Option(names = "--picks", description = "Grants that are measured (default: ${DEFAULT-VALUE}).")
    private int picks = 200_000;

    @Option(names = "--report", paramLabel = "FILE", description = "Writes the figures as JSON.")
    private @Nullable Path report;

    @Override
    public Integer call() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        long before = heap();
        long begun = cpu();
        SchedulerState state = SchedulerState.EMPTY;
        for (int i = 0; i < requests; i++) {
            Instant now = START.plusMillis(i);
            state = state.applyAll(SchedulerDecisions.enqueue(state, request(i, random, now), now));
        }
        double enqueuing = (cpu() - begun) * 1e-9;
        long held = heap() - before;
        Instant now = START.plusMillis(requests);
        begun = cpu();
        for (int i = 0; i < picks; i++) {
            List<SchedulerEvent> grants =
                    SchedulerDecisions.grant(state, SchedulerSettings.DEFAULT, List.of("trainer"), now);
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

    private static UpdateRequest request(int number, SplittableRandom random, Instant now) {
        UpdateSignals signals = new UpdateSignals(
                random.nextDouble() * 100,
                random.nextDouble() * 100,
                random.nextDouble() * 1e5,
                Optional.of(random.nextDouble()),
                Optional.of(now.minusSeconds(random.nextInt(100_000))),
                random.nextDouble(),
                random.nextInt(400),
                random.nextInt(1_000_000),
                Optional.of("base"));
        return new UpdateRequest(
                new UpdateId(new DomainId("domain-" + number), 1),
                List.of(UpdateKind.values()).get(random.nextInt(UpdateKind.values().length)),
                random.nextDouble(),
                random.nextInt(10) < WITH_DEADLINE_OF_TEN
                        ? Optional.of(now.plusSeconds(random.nextInt(1_000_000)))
                        : Optional.empty(),
                Optional.empty(),
                random.nextInt(10_000),
                now,
                "tenant-" + random.nextInt(TENANTS),
                List.of(),
                signals);
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
