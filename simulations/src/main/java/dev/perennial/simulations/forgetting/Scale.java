package dev.perennial.simulations.forgetting;

import dev.perennial.protocols.DomainPolicy;
import java.util.List;
import java.util.Optional;

/**
 * How large an experiment is where the command line says nothing else.
 *
 * @param methods names
 * @param facts of a task of the world
 * @param phrasings that a fact is taught in
 * @param intents of a domain
 * @param examples of an intent
 * @param questions of an intent
 * @param epochs passes over what is new
 * @param learningRate highest of the schedule
 * @param keeping what is done against forgetting
 */
record Scale(
        List<String> methods,
        int facts,
        int phrasings,
        int intents,
        int examples,
        int questions,
        int epochs,
        int batchSize,
        double learningRate,
        Keeping keeping) {
    /**
     * Numbers of a policy.
     *
     * @param replayShare part of a batch from the domain's buffer
     * @param generalShare part of a batch from the base's general set
     * @param neighbourShare part of a batch from neighbours of what is new; empty for a domain's
     * @param distillation weight of the divergence from the parent
     * @param generalDistillation weight of the divergence from the base; empty for that from the parent
     * @param lambda of EWC
     */
    record Keeping(
            double replayShare,
            double generalShare,
            Optional<Double> neighbourShare,
            double distillation,
            Optional<Double> generalDistillation,
            double lambda) {
        private static final Keeping DEFAULT = new Keeping(
                DomainPolicy.DEFAULT.replay().share(),
                DomainPolicy.DEFAULT.replay().generalShare(),
                DomainPolicy.DEFAULT.replay().neighbourShare(),
                DomainPolicy.DEFAULT.replay().distillation(),
                DomainPolicy.DEFAULT.replay().generalDistillation(),
                DomainPolicy.DEFAULT.ewc().lambda());
        /** Many answers that all compete, each with few kept examples, and texts of which the base knows nothing that could be kept. */
        private static final Keeping OF_CLASSES = new Keeping(0.6, 0.15, Optional.of(0.0), 4, Optional.empty(), 0.005);
    }

    private static final List<String> ALL = List.of(
            "base",
            "lora",
            "lora+ewc",
            "stacked",
            "o-lora",
            "lora+buffer",
            "lora+replay",
            "lora+replay+ewc",
            "lora+replay+ewc+neighbours",
            "routed",
            "joint");
    private static final List<String> CORE =
            List.of("base", "lora", "lora+replay+ewc", "lora+replay+ewc+neighbours", "joint");
    private static final Scale WORLD = new Scale(ALL, 12, 20, 0, 0, 0, 6, 48, 1e-3, Keeping.DEFAULT);
    /** The base has never seen such texts: it takes longer strides, and of each class as many examples as there are. */
    private static final Scale CLINC = new Scale(ALL, 0, 0, 15, 100, 3, 2, 24, 4e-3, Keeping.OF_CLASSES);

    private static final Scale QUICK_WORLD = new Scale(CORE, 4, 20, 0, 0, 0, 3, 16, 1e-3, Keeping.DEFAULT);
    private static final Scale QUICK_CLINC = new Scale(CORE, 0, 0, 2, 30, 5, 3, 16, 4e-3, Keeping.OF_CLASSES);

    static Scale of(boolean world, boolean quick) {
        if (quick) {
            return world ? QUICK_WORLD : QUICK_CLINC;
        }
        return world ? WORLD : CLINC;
    }
}
