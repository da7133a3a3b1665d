package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.perennial.domain.KeyedTree.Keyed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyedTreeTest {
    private static final KeyedTree<String> NONE = KeyedTree.empty(Comparator.naturalOrder());
    private static final Comparator<Keyed<String>> ORDER =
            Comparator.comparingDouble((Keyed<String> each) -> each.key()).thenComparing(Keyed::value);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void holdsWhatASortedSetHolds(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeSet<Keyed<String>> expected = new TreeSet<>(ORDER);
        KeyedTree<String> tree = NONE;
        for (int i = 0; i < 20_000; i++) {
            // It grows to thousands, shrinks to nothing and grows again; many values share a number.
            boolean grows = random.nextInt(100) < (i / 5_000 % 2 == 0 ? 80 : 15);
            Keyed<String> each = new Keyed<>(random.nextInt(300), "v" + random.nextInt(30));
            if (!grows && !expected.isEmpty() && random.nextBoolean()) {
                each = expected.first();
            }
            tree = grows ? tree.plus(each.key(), each.value()) : tree.minus(each.key(), each.value());
            if (grows) {
                expected.add(each);
            } else {
                expected.remove(each);
            }
            assertEquals(expected.size(), tree.size());
            if (!expected.isEmpty()) {
                assertEquals(expected.first(), new Keyed<>(tree.firstKey(), tree.first()));
            }
            if (i % 500 == 0) {
                assertEquals(List.copyOf(expected), all(tree));
            }
        }
        assertEquals(List.copyOf(expected), all(tree));
        for (Keyed<String> each : expected) {
            tree = tree.minus(each.key(), each.value());
        }
        assertEquals(NONE, tree);
        assertThrows(NoSuchElementException.class, tree::first);
    }

    @Test
    void aChangeLeavesTheSetOfBeforeAsItWas() {
        KeyedTree<String> before = NONE;
        for (int i = 0; i < 1_000; i++) {
            before = before.plus(i, "v");
        }
        List<Keyed<String>> values = all(before);
        KeyedTree<String> after = before.minus(500, "v").plus(0.5, "new");
        assertEquals(values, all(before));
        assertNotEquals(before, after);
        assertEquals(before, after.minus(0.5, "new").plus(500, "v"));
    }

    @Test
    void nothingChangesWithWhatIsThereOrMissing() {
        KeyedTree<String> tree = NONE.plus(1, "a").plus(1, "b");
        assertSame(tree, tree.plus(1, "b"));
        assertSame(tree, tree.minus(1, "c"));
        assertSame(tree, tree.minus(2, "a"));
    }

    private static List<Keyed<String>> all(KeyedTree<String> tree) {
        List<Keyed<String>> all = new ArrayList<>();
        tree.iterator().forEachRemaining(all::add);
        return all;
    }
}
