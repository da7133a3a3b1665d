package dev.perennial.simulations.forgetting;

import dev.perennial.simulations.world.Exchange;
import java.util.List;

/**
 * What one update teaches, and how it is asked for.
 *
 * @param taught examples of the update
 * @param asked questions that no update trains on
 */
record LearningTask(String name, List<Exchange> taught, List<Exchange> asked) {
    LearningTask {
        taught = List.copyOf(taught);
        asked = List.copyOf(asked);
    }
}
