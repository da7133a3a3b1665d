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

    /** Most bytes that were ever resident since the process began. */
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
