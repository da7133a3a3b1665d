package dev.perennial.persistence.snapshot;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

/**
 * @param keyspace of the tables
 * @param partBytes from 1 KiB to 4 MiB, which is half of the largest mutation that the embedded server takes
 */
record SnapshotSettings(String keyspace, int partBytes) {
    private static final int SMALLEST = 1 << 10;
    private static final int LARGEST = 4 << 20;

    /** Of the plugin's own section. */
    static SnapshotSettings from(Config config) {
        long partBytes = config.getMemorySize("part-bytes").toBytes();
        if (partBytes < SMALLEST || partBytes > LARGEST) {
            throw new ConfigException.BadValue(
                    config.getValue("part-bytes").origin(),
                    "part-bytes",
                    "expected " + SMALLEST + " to " + LARGEST + " bytes, was " + partBytes);
        }
        return new SnapshotSettings(config.getString("keyspace"), (int) partBytes);
    }
}
