package dev.perennial.learning.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** In what order items are drawn, and how messages name them. */
class OrderTest {
    private static final List<Integer> ITEMS = IntStream.range(0, 7).boxed().toList();

    @Test
    void everyItemComesOnceAnEpochWhoseLastBatchIsSmaller() {
        Deck<Integer> deck = new Deck<>(ITEMS, 5);
        List<List<Integer>> epochs = new ArrayList<>();
        for (int epoch = 0; epoch < 4; epoch++) {
            List<Integer> seen = new ArrayList<>();
            for (int size : new int[] {3, 3, 1}) {
                List<Integer> batch = deck.draw(3);
                assertEquals(size, batch.size());
                seen.addAll(batch);
            }
            assertEquals(ITEMS, seen.stream().sorted().toList());
            epochs.add(seen);
        }
        assertNotEquals(epochs.get(0), epochs.get(1));
    }

    @Test
    void oneSeedGivesOneOrder() {
        assertEquals(new Deck<>(ITEMS, 5).draw(7), new Deck<>(ITEMS, 5).draw(7));
        assertNotEquals(new Deck<>(ITEMS, 5).draw(7), new Deck<>(ITEMS, 6).draw(7));
    }

    @Test
    void rowsAreNamedInOrderAndOnce() {
        assertEquals("row 3 of a.jsonl", NamedData.name(List.of(3, 3), "a.jsonl"));
        assertEquals("rows 3, 17 and 40 of a.jsonl", NamedData.name(List.of(40, 3, 17, 3), "a.jsonl"));
    }

    @Test
    void ofManyRowsTheFirstEightAreNamed() {
        assertEquals(
                "rows 1, 2, 3, 4, 5, 6, 7, 8 and 12 more of a.jsonl",
                NamedData.name(IntStream.rangeClosed(1, 20).boxed().toList(), "a.jsonl"));
    }
}
