package dev.perennial.learning;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory there is. */
final class DeviceMemory {
    /** Where nothing is known. */
    private static final long ASSUMED = 2L << 30;

    private DeviceMemory() {}

    /** Bytes free on a device now. */
    static long free(Device device) {
        if (device.isGpu()) {
            MemoryUsage usage = CudaUtils.getGpuMemory(device);
            return Math.max(0, usage.getMax() - usage.getCommitted());
        }
        return ofMachine("MemAvailable:");
    }

    /** Bytes that a device has. */
    static long total(Device device) {
        return device.isGpu() ? CudaUtils.getGpuMemory(device).getMax() : ofMachine("MemTotal:");
    }

    private static long ofMachine(String name) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.replaceAll("\\D+", "")) << 10;
                }
            }
            return ASSUMED;
        } catch (IOException noSuchFile) {
            return ASSUMED;
        }
    }
}
