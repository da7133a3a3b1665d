package dev.perennial.simulations.forgetting;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Tasks, one an update, in the order in which they are learned. */
record TaskSequence(String name, List<LearningTask> tasks) {
    TaskSequence {
        tasks = List.copyOf(tasks);
    }

    /** The same tasks in another order; number 0 is their own. */
    TaskSequence ordered(int order) {
        if (order == 0) {
            return this;
        }
        List<LearningTask> others = new ArrayList<>(tasks);
        Collections.shuffle(others, new Random(order));
        return new TaskSequence(name, others);
    }
}
