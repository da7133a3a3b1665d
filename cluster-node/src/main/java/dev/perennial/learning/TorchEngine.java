package dev.perennial.learning;

import ai.djl.engine.Engine;

/** Loads the native library, once for the process, before anything else touches it. */
public final class TorchEngine {
    private static final String THREADS = "ai.djl.pytorch.num_threads";

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
        // Nothing is fetched at run time, and nobody is told that we run.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        Engine.getInstance();
    }
}
