package dev.perennial.learning.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class InterleavingTest {
    @Test
    void everyBeginningHasOfBoth() {
        assertEquals(List.of("a", "b", "X", "c", "d"), Interleaving.evenly(List.of("a", "b", "c", "d"), List.of("X")));
        assertEquals(List.of("a", "X", "b", "Y"), Interleaving.evenly(List.of("a", "b"), List.of("X", "Y")));
        assertEquals(List.of("X", "Y"), Interleaving.evenly(List.of(), List.of("X", "Y")));
        assertEquals(List.of("a"), Interleaving.evenly(List.of("a"), List.of()));
    }
}
