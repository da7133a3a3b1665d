package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExamplesTest {
    private static List<Examples.Example> of(String worker, long seed) {
        Examples examples = new Examples(worker, new SplittableRandom(seed));
        return Stream.generate(examples::next).limit(200).toList();
    }

    @Test
    void followFromWorkerAndSeed() {
        assertEquals(of("w", 1), of("w", 1));
        assertNotEquals(of("w", 1), of("w", 2));
    }

    @Test
    void noTwoWorkersSendTheSame() {
        assertEquals(
                400,
                Stream.concat(of("w", 1).stream(), of("v", 1).stream())
                        .map(Examples.Example::id)
                        .distinct()
                        .count());
    }
}
