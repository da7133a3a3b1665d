package dev.perennial.simulations.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resident memory of this process as Linux counts it, mapped weights that were read included. */
final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    /** Bytes resident now. */
    static long resident() throws IOException {
        return bytes("VmRSS:");
    }

    /**
     * Gives back heap that holds garbage, and counts the peak from now on: what was needed to make a random model is not what
     * training it needs.
     */
    static void beginAnew() throws IOException {
        System.gc();
        // "5" sets the high water mark to what is resident (Linux, proc(5), /proc/pid/clear_refs).
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    }

    /** Most bytes that were resident at once since the process, or {@link #beginAnew}, began. */
    static long peak() throws IOException {
        return bytes("VmHWM:");
    }

    private static long bytes(String key) throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(key)) {
                return 1024 * Long.parseLong(line.replaceAll("\\D+", ""));
            }
        }
        throw new IOException(STATUS + " has no line " + key);
    }
}
