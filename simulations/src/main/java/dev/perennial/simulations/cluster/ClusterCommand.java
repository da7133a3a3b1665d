package dev.perennial.simulations.cluster;

import dev.perennial.simulations.page.ReportFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cluster}: real nodes, load, faults, and what must hold all the same. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description =
                "Runs a cluster of real JVMs on loopback under load and faults, and checks that nothing acknowledged is"
                        + " lost or doubled. The exit code is 1 when an invariant broke, else 3 when the run or"
                        + " its report could not be carried to its end.")
public final class ClusterCommand implements Callable<Integer> {
    private static final int MOST_NODES = 9;
    private static final int MOST_MINUTES = 24 * 60;
    private static final int MOST_WAITING = 1_000_000;
    private static final int MOST_QUIET_SECONDS = 3_600;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--nodes", defaultValue = "3", description = "JVMs, 1 to 9 (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--minutes",
            defaultValue = "5",
            description = "Time under load and faults (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(names = "--seed", description = "Of faults and workload (default: the time).")
    private @Nullable Long seed;

    @Option(
            names = "--faults",
            split = ",",
            description = "Of kill, term, pause, partition, database, slow-disk, clock, hang; or none (default: all).")
    private @Nullable Set<String> faults;

    @Option(
            names = "--writes",
            defaultValue = "40",
            description = "Examples a second that each domain of the written sort gets (default: ${DEFAULT-VALUE}).")
    private int writes;

    @Option(
            names = "--waiting",
            defaultValue = "0",
            description =
                    "Examples that each domain of the written sort has already when the load begins, 0 to 1000000: what"
                            + " hours of load would bring (default: ${DEFAULT-VALUE}).")
    private int waiting;

    @Option(names = "--domains", defaultValue = "2", description = "Of each sort (default: ${DEFAULT-VALUE}).")
    private int domains;

    @Option(
            names = "--heap",
            defaultValue = "256",
            description = "MiB of Java heap a node (default: ${DEFAULT-VALUE}).")
    private int heap;

    @Option(
            names = "--quiet",
            defaultValue = "1",
            description =
                    "Least seconds between the cluster being whole and the next fault, 1 to 3600; up to 2 s more are drawn. A rolling"
                            + " renewal that waits for each node to be warm has 30 (default: ${DEFAULT-VALUE}).")
    private double quiet;

    @Option(
            names = "--heartbeat-pause",
            defaultValue = "2",
            description =
                    "Seconds that a node may be silent before the others call it unreachable; more on a machine that is busy"
                            + " with other things, where it adds to what is unavailable (default: ${DEFAULT-VALUE}).")
    private double heartbeatPause;

    @Option(names = "--report", description = "Writes the figures as JSON, and beside it the page FILE.html.")
    private @Nullable Path report;

    @Option(
            names = "--work",
            description =
                    "Directory for the run's files, kept; a new or an empty one, as those of another run would hide what"
                            + " this one loses (default: a temporary one, kept on failure).")
    private @Nullable Path work;

    @Override
    public Integer call() throws InterruptedException {
        ClusterOptions options = options();
        Consumer<String> progress = line -> System.err.println("cluster: " + line);
        progress.accept("seed " + options.seed());
        Conclusion conclusion = new Conclusion(
                Optional.ofNullable(report),
                progress,
                "its logs and history are in " + options.work() + "; run it again with: " + options.commandLine());
        ClusterReport outcome;
        try {
            progress.accept("its own code without C2: " + OptimizingCompiler.off(options.work()));
            outcome = Simulation.run(options, progress);
        } catch (RuntimeException | Error failure) {
            // It did not even begin, or the simulation has a bug, which says nothing of the invariants.
            return conclusion.incomplete(Verdict.reason(failure));
        }
        System.out.print(outcome.table());
        int code = conclusion.of(outcome);
        if (code == 0 && work == null) {
            try {
                options.deleteWork();
            } catch (IOException e) {
                progress.accept("the run's files could not be deleted: " + e);
            }
        }
        return code;
    }

    private ClusterOptions options() {
        require(nodes >= 1 && nodes <= MOST_NODES, "--nodes is 1 to " + MOST_NODES + "; got " + nodes);
        require(
                minutes > 0 && minutes <= MOST_MINUTES,
                "--minutes is above 0 and at most " + MOST_MINUTES + "; got " + minutes);
        require(writes >= 1 && writes <= 10_000, "--writes is 1 to 10000; got " + writes);
        require(waiting >= 0 && waiting <= MOST_WAITING, "--waiting is 0 to " + MOST_WAITING + "; got " + waiting);
        require(domains >= 1 && domains <= 20, "--domains is 1 to 20; got " + domains);
        require(
                waiting * domains <= MOST_WAITING,
                "--waiting times --domains is at most " + MOST_WAITING + "; got " + waiting + " times " + domains);
        require(
                quiet >= 1 && quiet <= MOST_QUIET_SECONDS,
                "--quiet is 1 to " + MOST_QUIET_SECONDS + " seconds; got " + quiet);
        require(
                heartbeatPause >= 1 && heartbeatPause <= 600,
                "--heartbeat-pause is 1 to 600 seconds; got " + heartbeatPause);
        require(heap >= 128 && heap <= 65_536, "--heap is 128 to 65536; got " + heap);
        Set<Fault> injected = chosen();
        require(
                nodes >= 2 || !injected.contains(Fault.PARTITION),
                "--faults: partition needs --nodes 2 or more, got 1; name those that a node alone is to have");
        requireFresh();
        requireReport();
        return new ClusterOptions(
                nodes,
                Duration.ofMillis(Math.round(minutes * 60_000)),
                seed == null ? System.currentTimeMillis() : seed,
                injected,
                writes,
                waiting,
                domains,
                heap,
                Duration.ofMillis(Math.round(quiet * 1_000)),
                Duration.ofMillis(Math.round(heartbeatPause * 1_000)),
                directory());
    }

    private void requireFresh() {
        if (work == null || Files.notExists(work)) {
            return;
        }
        require(Files.isDirectory(work), "--work: expected a directory; " + work + " is none");
        try (Stream<Path> files = Files.list(work)) {
            Optional<Path> first = files.findFirst();
            require(
                    first.isEmpty(),
                    "--work: expected a new or an empty directory; " + work + " holds "
                            + first.map(Path::getFileName).orElse(work));
        } catch (IOException e) {
            throw wrong("--work: " + work + " cannot be read: " + e);
        }
    }

    private void requireReport() {
        try {
            if (report != null) {
                ReportFile.require(report);
            }
        } catch (IOException e) {
            throw wrong(e.getMessage());
        }
    }

    private Path directory() {
        try {
            return work == null
                    ? Files.createTempDirectory("perennial-cluster-")
                    : Files.createDirectories(work.toAbsolutePath());
        } catch (IOException e) {
            throw wrong("--work: the directory cannot be made: " + e);
        }
    }

    private Set<Fault> chosen() {
        if (faults == null) {
            return EnumSet.allOf(Fault.class);
        }
        Set<Fault> chosen = EnumSet.noneOf(Fault.class);
        for (String name : faults) {
            if (!name.equals("none")) {
                chosen.add(Arrays.stream(Fault.values())
                        .filter(fault -> fault.label().equals(name))
                        .findFirst()
                        .orElseThrow(() -> wrong("--faults is of "
                                + Arrays.stream(Fault.values())
                                        .map(Fault::label)
                                        .collect(Collectors.joining(", "))
                                + "; got '" + name + "'")));
            }
        }
        return chosen;
    }

    private void require(boolean condition, String message) {
        if (!condition) {
            throw wrong(message);
        }
    }

    private ParameterException wrong(@Nullable String message) {
        if (spec == null) {
            throw new IllegalStateException(message);
        }
        return new ParameterException(spec.commandLine(), message);
    }
}
