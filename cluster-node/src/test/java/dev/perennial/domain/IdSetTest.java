package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.perennial.protocols.PackedIds;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class IdSetTest {
    /** Few enough that many come and go several times, and that what has changed is packed again and again. */
    private static final int IDS = 20_000;

    @Test
    void holdsWhatAPlainSetWould() {
        SplittableRandom random = new SplittableRandom(1);
        TreeSet<String> plain = new TreeSet<>();
        IdSet packed = IdSet.NONE;
        for (int step = 0; step < 60_000; step++) {
            String id = id(random.nextInt(IDS));
            boolean leaves = random.nextInt(3) == 0;
            if (leaves ? plain.remove(id) : plain.add(id)) {
                packed = leaves ? packed.minus(id) : packed.plus(id);
            } else {
                assertSame(packed, leaves ? packed.minus(id) : packed.plus(id));
            }
            assertEquals(plain.contains(id), packed.contains(id));
            assertEquals(plain.size(), packed.size());
        }
        assertEquals(List.copyOf(plain), List.copyOf(packed));
        assertEquals(List.copyOf(plain), List.copyOf(IdSet.of(packed.pack())));
    }

    @Test
    void isTheSameWhateverWasPacked() {
        IdSet once = IdSet.of(PackedIds.of(new TreeSet<>(List.of(id(1), id(2), "other"))));
        IdSet changed =
                IdSet.NONE.plus("other").plus(id(2)).plus(id(3)).minus(id(3)).plus(id(1));
        assertEquals(once, changed);
        assertEquals(once.pack(), changed.pack());
        assertEquals(IdSet.NONE, once.minus("other").minus(id(2)).minus(id(1)));
    }

    /** One in ten is none of ours. */
    private static String id(int number) {
        return number % 10 == 0
                ? "other-" + number
                : "%016x%016x".formatted(number * 0x9e3779b97f4a7c15L, Integer.toUnsignedLong(number));
    }
}
