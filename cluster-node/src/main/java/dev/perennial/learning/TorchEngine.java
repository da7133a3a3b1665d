package dev.perennial.learning;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Loads the native library, once for the process, before anything else touches it. */
public final class TorchEngine {
    private static final String THREADS = "ai.djl.pytorch.num_threads";

    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,2}))?");

    /** What the first call decided; 0 before it. */
    private static volatile int loadedThreads;

    private TorchEngine() {}

    /**
     * Loads the library with a number of threads for each operation. Only the first call of a process decides it. Several
     * threads on cores that others use too stall each other badly: 1 is right wherever training and serving share a machine.
     *
     * @param threads at least 1
     */
    public static void load(int threads) {
        System.setProperty(THREADS, String.valueOf(threads));
        load();
    }

    /** As {@link #load(int)} with one thread, unless a number was set already. */
    static void load() {
        if (System.getProperty(THREADS) == null) {
            System.setProperty(THREADS, "1");
        }
        if (loadedThreads == 0) {
            loadedThreads = Integer.getInteger(THREADS);
        }
        // Nothing is fetched at run time, and nobody is told that we run.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        Engine.getInstance();
    }

    /** Name and version of the library that is loaded. */
    public static String version() {
        load();
        return "PyTorch " + Engine.getInstance().getVersion();
    }

    /** For each operation. */
    public static int threads() {
        load();
        return loadedThreads;
    }

    /**
     * The device of a name.
     *
     * @param name {@code auto} (the first GPU, else the processor), {@code cpu}, {@code cuda} or {@code cuda:N}
     * @throws LearningException where this machine, or the native library that is loaded, has no such device
     */
    public static Device device(String name) {
        Matcher cuda = CUDA.matcher(name);
        if (name.equals("cpu")) {
            return Device.cpu();
        }
        if (!name.equals("auto") && !cuda.matches()) {
            throw new LearningException("unknown device '" + name + "'; expected auto, cpu or cuda:0, cuda:1, …");
        }
        load();
        int found = Engine.getInstance().getGpuCount();
        if (name.equals("auto")) {
            return found > 0 ? Device.gpu(0) : Device.cpu();
        }
        int index = cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1));
        if (index >= found) {
            throw new LearningException("there is no device " + name + ": " + found
                    + " CUDA devices are usable; the README says which libraries to install");
        }
        return Device.gpu(index);
    }
}
