package dev.perennial.learning;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** How much memory there is. */
public final class DeviceMemory {
    /** Where nothing is known. */
    private static final long ASSUMED = 2L << 30;

    private DeviceMemory() {}

    /** Bytes free on a device now. */
    static long free(Device device) {
        if (device.isGpu()) {
            // What the engine keeps for its next arrays is free too.
            JniUtils.emptyCudaCache();
            MemoryUsage usage = CudaUtils.getGpuMemory(device);
            return Math.max(0, usage.getMax() - usage.getCommitted());
        }
        return ofMachine("MemAvailable:");
    }

    /** Bytes that a device has. */
    static long total(Device device) {
        return device.isGpu() ? CudaUtils.getGpuMemory(device).getMax() : ofMachine("MemTotal:");
    }

    /** Whether a failure, of the engine or of Java, is for want of memory. */
    public static boolean ranOut(Throwable failure) {
        if (failure instanceof EngineException) {
            String told = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
            return told.contains("out of memory") || told.contains("allocate memory") || told.contains("_alloc_failed");
        }
        return failure instanceof OutOfMemoryError;
    }

    /** Does what is to be done with all, and where memory runs out, with each half in turn, down to one alone. */
    static <T> void inPieces(List<T> all, Consumer<List<T>> work) {
        try {
            work.accept(all);
        } catch (EngineException | OutOfMemoryError e) {
            if (all.size() == 1 || !ranOut(e)) {
                throw e;
            }
            inPieces(all.subList(0, all.size() / 2), work);
            inPieces(all.subList(all.size() / 2, all.size()), work);
        }
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
