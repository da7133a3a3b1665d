package dev.perennial.simulations.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run is.
 *
 * @param duration under load
 * @param writes examples a second into each domain that only is written
 * @param waiting examples that each domain that only is written has when the load begins
 * @param domains of each sort
 * @param heapMegabytes of each node
 * @param quiet least time between the cluster being whole and the next fault
 * @param heartbeatPause for how long a node may be silent before the others call it unreachable
 * @param work directory of all files
 */
record ClusterOptions(
        int nodes,
        Duration duration,
        long seed,
        Set<Fault> faults,
        int writes,
        int waiting,
        int domains,
        int heapMegabytes,
        Duration quiet,
        Duration heartbeatPause,
        Path work) {
    ClusterOptions {
        faults = Set.copyOf(faults);
    }

    /** That runs the same faults and workload again. */
    String commandLine() {
        return String.format(
                Locale.ROOT,
                "simulations.jar cluster --nodes %d --minutes %s --seed %d --faults %s --writes %d --waiting %d --domains %d --heap %d"
                        + " --quiet %s --heartbeat-pause %s",
                nodes,
                duration.toMillis() / 60_000.0,
                seed,
                faults.isEmpty()
                        ? "none"
                        : faults.stream().sorted().map(Fault::label).collect(Collectors.joining(",")),
                writes,
                waiting,
                domains,
                heapMegabytes,
                quiet.toMillis() / 1_000.0,
                heartbeatPause.toMillis() / 1_000.0);
    }

    void deleteWork() throws IOException {
        List<Path> all;
        try (Stream<Path> tree = Files.walk(work)) {
            all = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.deleteIfExists(each);
        }
    }
}
