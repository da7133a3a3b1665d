package dev.perennial.persistence.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * How the embedded server runs.
 *
 * @param dataDirectory files go to its sub-directory {@code cassandra}, the lock to {@code cassandra.lock}
 * @param heapMegabytes heap of the server's JVM; its resident size is about 350 MB more
 * @param startTimeout from launch to accepting clients
 * @param stopTimeout from SIGTERM to SIGKILL
 * @param minimumFreeBytes free disk space below which a start is refused
 * @param yamlOverrides top-level one-line settings of cassandra.yaml that replace or extend ours
 */
public record EmbeddedCassandraSettings(
        Path dataDirectory,
        int heapMegabytes,
        Duration startTimeout,
        Duration stopTimeout,
        long minimumFreeBytes,
        Map<String, String> yamlOverrides) {

    public EmbeddedCassandraSettings {
        dataDirectory = dataDirectory.toAbsolutePath().normalize();
        yamlOverrides = Map.copyOf(yamlOverrides);
        if (heapMegabytes < 128) {
            throw new IllegalArgumentException("heapMegabytes: expected at least 128, was " + heapMegabytes);
        }
    }

    public static EmbeddedCassandraSettings defaults(Path dataDirectory) {
        return new EmbeddedCassandraSettings(
                dataDirectory, 256, Duration.ofSeconds(90), Duration.ofSeconds(20), 512L << 20, Map.of());
    }

    public EmbeddedCassandraSettings withMinimumFreeBytes(long bytes) {
        return new EmbeddedCassandraSettings(
                dataDirectory, heapMegabytes, startTimeout, stopTimeout, bytes, yamlOverrides);
    }

    public EmbeddedCassandraSettings withStartTimeout(Duration timeout) {
        return new EmbeddedCassandraSettings(
                dataDirectory, heapMegabytes, timeout, stopTimeout, minimumFreeBytes, yamlOverrides);
    }

    public EmbeddedCassandraSettings withYamlOverrides(Map<String, String> overrides) {
        return new EmbeddedCassandraSettings(
                dataDirectory, heapMegabytes, startTimeout, stopTimeout, minimumFreeBytes, overrides);
    }

    Path serverDirectory() {
        return dataDirectory.resolve("cassandra");
    }
}
