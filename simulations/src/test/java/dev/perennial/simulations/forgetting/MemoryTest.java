package dev.perennial.simulations.forgetting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.Sequence;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import dev.perennial.simulations.world.Exchange;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryTest {
    private static DomainPolicy.Replay policy(ReplayStrategy strategy) {
        return new DomainPolicy.Replay(2000, 0.3, 0.3, 0, strategy, ReplaySampling.EQUAL, Optional.empty());
    }

    /** Four answers with ten phrasings each. */
    private static List<Memory.Lesson> lessons(int update) {
        return IntStream.range(0, 40)
                .mapToObj(i -> new Memory.Lesson(
                        new Item(update + "-" + i, new Sequence(new int[] {1, 2}, 1, true)),
                        new Exchange("question " + update + "-" + i, "answer " + update + "-" + i % 4)))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void neverKeepsMoreThanItsShareOfWhatWasSeen(ReplayStrategy strategy) {
        Memory memory = new Memory(policy(strategy), 0.1, 7);
        for (int update = 0; update < 5; update++) {
            memory.learned(update, "task " + update, lessons(update));
            assertTrue(
                    memory.items(1).size() <= 4 * (update + 1), memory.items(1).toString());
        }
        assertTrue(memory.largestShare() <= 0.1 && memory.largestShare() > 0.09, "" + memory.largestShare());
    }

    @Test
    void balancedByClassItKeepsOneOfEachAnswer() {
        Memory memory = new Memory(policy(ReplayStrategy.CLASS_BALANCED), 0.1, 7);
        for (int update = 0; update < 3; update++) {
            memory.learned(update, "task " + update, lessons(update));
        }
        List<String> kept = memory.items(1).stream()
                .map(Item::id)
                .map(id -> id.substring(0, 2) + Integer.parseInt(id.substring(2)) % 4)
                .sorted()
                .toList();
        assertEquals(
                IntStream.range(0, 3)
                        .boxed()
                        .flatMap(update -> IntStream.range(0, 4).mapToObj(answer -> update + "-" + answer))
                        .toList(),
                kept);
    }

    @Test
    void whatIsAnsweredAnewIsNotKeptWithItsOldAnswer() {
        Memory memory = new Memory(policy(ReplayStrategy.CLASS_BALANCED), 1, 7);
        memory.learned(0, "task", lessons(0));
        Memory.Lesson anew = new Memory.Lesson(
                new Item("anew", new Sequence(new int[] {1, 2}, 1, true)),
                new Exchange("question 0-3", "another answer"));
        memory.learned(1, "task", List.of(anew));
        List<String> kept = memory.items(1).stream().map(Item::id).toList();
        assertTrue(kept.contains("anew") && !kept.contains("0-3"), kept.toString());
    }
}
