package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReservoirTest {
    private static final List<String> TEN =
            IntStream.range(0, 10).mapToObj(Integer::toString).toList();

    @Test
    void keepsEverythingUntilItIsFull() {
        Reservoir reservoir = Reservoir.empty(1, 3).offerAll(TEN.subList(0, 3));
        assertEquals(TEN.subList(0, 3), List.copyOf(reservoir.kept()));
    }

    @Test
    void keepsEachIdWithTheSameProbability() {
        int seeds = 20_000;
        int[] kept = new int[TEN.size()];
        for (int seed = 0; seed < seeds; seed++) {
            Reservoir reservoir = Reservoir.empty(Mixing.mix(seed), 3).offerAll(TEN);
            reservoir.kept().forEach(id -> kept[Integer.parseInt(id)]++);
        }
        double fiveStandardDeviations = 5 * Math.sqrt(seeds * 0.3 * 0.7);
        for (int count : kept) {
            assertEquals(0.3 * seeds, count, fiveStandardDeviations);
        }
    }

    @Test
    void putsANewcomerIntoEachSlotWithTheSameProbability() {
        int seeds = 20_000;
        int[] slots = new int[3];
        for (int seed = 0; seed < seeds; seed++) {
            int slot = Reservoir.empty(Mixing.mix(seed), 3)
                    .offerAll(TEN.subList(0, 4))
                    .kept()
                    .indexOf("3");
            if (slot >= 0) {
                slots[slot]++;
            }
        }
        double fiveStandardDeviations = 5 * Math.sqrt(seeds * 0.25 * 0.75);
        for (int count : slots) {
            assertEquals(0.25 * seeds, count, fiveStandardDeviations);
        }
    }

    @Test
    void continuesFromASnapshotAsIfNothingHadHappened() {
        for (int cut = 0; cut <= TEN.size(); cut++) {
            Reservoir before = Reservoir.empty(7, 3).offerAll(TEN.subList(0, cut));
            Reservoir restored = Reservoir.of(7, 3, before.toSnapshot());
            assertEquals(Reservoir.empty(7, 3).offerAll(TEN), restored.offerAll(TEN.subList(cut, TEN.size())));
        }
    }

    @Test
    void keepsNothingWithoutCapacity() {
        assertEquals(List.of(), List.copyOf(Reservoir.empty(1, 0).offerAll(TEN).kept()));
    }

    /** These are in journals by now: another answer would change what old domains replay. */
    @Test
    void drawsTheSameForEver() {
        assertEquals(0xe220a8397b1dcdafL, Mixing.draw(0, 0), "the first output of SplitMix64 from seed 0");
        assertEquals(0x6e789e6aa1b965f4L, Mixing.draw(0, 1), "the second");
    }
}
