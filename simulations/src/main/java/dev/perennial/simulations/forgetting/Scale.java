package dev.perennial.simulations.forgetting;

import java.util.List;

/**
 * How large an experiment is where the command line says nothing else.
 *
 * @param methods names
 * @param facts of a task of the world
 * @param phrasings that a fact is taught in
 * @param examples of an intent
 * @param questions of an intent
 * @param epochs passes over what is new
 * @param learningRate highest of the schedule
 */
record Scale(
        List<String> methods,
        int facts,
        int phrasings,
        int examples,
        int questions,
        int epochs,
        int batchSize,
        double learningRate) {
    private static final List<String> ALL = List.of(
            "base",
            "lora",
            "lora+ewc",
            "stacked",
            "o-lora",
            "lora+buffer",
            "lora+replay",
            "lora+replay+ewc",
            "routed",
            "joint");
    private static final List<String> CORE = List.of("base", "lora", "lora+replay", "lora+replay+ewc", "joint");
    private static final Scale WORLD = new Scale(ALL, 12, 20, 0, 0, 3, 48, 1e-3);
    /** The base has never seen such texts: it takes longer strides, and more of them. */
    private static final Scale CLINC = new Scale(ALL, 0, 0, 20, 4, 5, 24, 4e-3);

    private static final Scale QUICK_WORLD = new Scale(CORE, 4, 20, 0, 0, 3, 16, 1e-3);
    private static final Scale QUICK_CLINC = new Scale(CORE, 0, 0, 5, 2, 3, 16, 4e-3);

    static Scale of(boolean world, boolean quick) {
        if (quick) {
            return world ? QUICK_WORLD : QUICK_CLINC;
        }
        return world ? WORLD : CLINC;
    }
}
