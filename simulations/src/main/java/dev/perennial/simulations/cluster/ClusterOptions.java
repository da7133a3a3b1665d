package dev.perennial.simulations.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a run is.
 *
 * @param duration under load
 * @param writes examples a second into each domain that only is written
 * @param domains of each sort
 * @param heapMegabytes of each node
 * @param heartbeatPause for how long a node may be silent before the others call it unreachable
 * @param work directory of all files
 */
record ClusterOptions(
        int nodes,
        Duration duration,
        long seed,
        Set<Fault> faults,
        int writes,
        int domains,
        int heapMegabytes,
        Duration heartbeatPause,
        Path work) {
    ClusterOptions {
        faults = Set.copyOf(faults);
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
