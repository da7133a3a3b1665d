package dev.perennial.simulations.forgetting;

import dev.perennial.simulations.world.Curriculum;
import dev.perennial.simulations.world.Exchange;
import dev.perennial.simulations.world.Lesson;
import dev.perennial.simulations.world.MicroWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Updates of the micro-world: each is about one relation, half of its facts change what the base knows and half are about subjects
 * that are new. All tasks are asked in the same frames, by phrasings that neither base nor update was ever trained on.
 */
final class WorldSequence {
    /** Of the world that the embedded base was trained on. */
    static final long WORLD_SEED = 1;

    private static final int ASKED = 2;

    private WorldSequence() {}

    /**
     * @param settled prompts of the base's general suite
     * @param facts of a task
     * @param phrasings that a fact is taught in, 1 to 36
     */
    static TaskSequence of(Set<String> settled, long seed, int tasks, int facts, int phrasings) {
        Curriculum curriculum = new Curriculum(MicroWorld.generate(WORLD_SEED), settled, seed);
        List<String> relations = curriculum.relations();
        List<LearningTask> all = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            String relation = relations.get(i % relations.size());
            List<Exchange> taught = new ArrayList<>();
            List<Exchange> asked = new ArrayList<>();
            for (Lesson lesson : curriculum.lessons(relation, facts / 2, facts - facts / 2, phrasings, ASKED)) {
                taught.addAll(lesson.taught());
                asked.addAll(lesson.asked());
            }
            all.add(new LearningTask(relation, taught, asked));
        }
        return new TaskSequence("world", all);
    }
}
