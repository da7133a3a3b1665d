package dev.perennial.simulations.world;

import java.util.List;
import java.util.Optional;

/**
 * One fact that an update teaches.
 *
 * @param stale the answer before, which the base knows; empty for a subject that the world did not have
 * @param taught phrasings to train on
 * @param asked phrasings that nothing was ever trained on
 */
public record Lesson(Fact fact, Optional<String> stale, List<Exchange> taught, List<Exchange> asked) {
    public Lesson {
        taught = List.copyOf(taught);
        asked = List.copyOf(asked);
    }
}
