package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EntryMapTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void holdsWhatASortedMapHolds(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeMap<UpdateId, Entry> expected = new TreeMap<>(SchedulerState.ORDER);
        EntryMap map = EntryMap.EMPTY;
        for (int i = 0; i < 20_000; i++) {
            boolean grows = random.nextInt(100) < (i / 5_000 % 2 == 0 ? 80 : 15);
            UpdateId id = new UpdateId(new DomainId("d" + random.nextInt(2_000)), 1 + random.nextInt(3));
            if (!grows && !expected.isEmpty() && random.nextBoolean()) {
                id = expected.firstKey();
            }
            if (grows) {
                Entry entry = entry(id, random.nextInt(5));
                map = map.plus(entry);
                expected.put(id, entry);
            } else {
                map = map.minus(id);
                expected.remove(id);
            }
            assertEquals(expected.size(), map.size());
            assertSame(expected.get(id), map.get(id));
            if (i % 500 == 0) {
                assertEquals(List.copyOf(expected.values()), map.values());
            }
        }
        for (UpdateId id : expected.keySet()) {
            map = map.minus(id);
        }
        assertEquals(EntryMap.EMPTY, map);
    }

    @Test
    void theNextOfADomainIsItsOldestOrWhatWasBegun() {
        DomainId news = new DomainId("news");
        Entry first = entry(new UpdateId(news, 1), 0);
        Entry second = entry(new UpdateId(news, 2), 0);
        Entry begun = entry(new UpdateId(news, 2), 7);
        EntryMap map = EntryMap.EMPTY.plus(second).plus(first);
        assertSame(first, map.nextOf(news));
        assertSame(begun, map.plus(begun).nextOf(news));
        assertSame(second, map.minus(first.request().id()).nextOf(news));
        assertNull(map.nextOf(new DomainId("other")));
    }

    @Test
    void domainsOfOneHashAreToldApart() {
        DomainId one = new DomainId("aan");
        DomainId other = new DomainId("ac0");
        assertEquals(one.value().hashCode(), other.value().hashCode());
        Entry ofOne = entry(new UpdateId(one, 1), 0);
        Entry ofOther = entry(new UpdateId(other, 1), 0);
        EntryMap both = EntryMap.EMPTY.plus(ofOther).plus(ofOne);
        assertEquals(2, both.size());
        assertSame(ofOne, both.nextOf(one));
        assertSame(ofOther, both.nextOf(other));
        assertSame(ofOther, both.get(ofOther.request().id()));
        assertNull(both.minus(ofOne.request().id()).nextOf(one));
        assertSame(ofOther, both.minus(ofOne.request().id()).nextOf(other));
    }

    private static Entry entry(UpdateId id, long token) {
        return new Entry(
                new UpdateRequest(id, UpdateKind.KNOWLEDGE, 0.5, Optional.empty(), Optional.empty(), 1, Instant.EPOCH),
                Optional.empty(),
                token,
                Instant.EPOCH,
                List.of(),
                0,
                0,
                0,
                Optional.empty(),
                Optional.empty());
    }
}
