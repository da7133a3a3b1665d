package dev.perennial.domain;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of the queue by their ids. Maps share what they have in common: a trie by the hash of the domain (Bagwell, Ideal
 * Hash Trees, 2001), 32 slots a level, of which only those in use are kept. The updates of one domain lie side by side, so
 * that the next of a domain is found in one look.
 */
public final class EntryMap {
    static final EntryMap EMPTY = new EntryMap(new Branch(0, new Object[0]), 0);

    private static final int BITS = 5;
    private final Branch root;
    private final int size;

    /**
     * @param used which of the slots are kept, by their number
     * @param slots each a {@link Branch}, an {@link Entry}, or several of one hash as an {@code Entry[]} in the order of
     *     their ids
     */
    private record Branch(int used, Object[] slots) {
        int place(int bit) {
            return Integer.bitCount(used & (bit - 1));
        }

        boolean has(int bit) {
            return (used & bit) != 0;
        }

        Branch with(int place, Object slot) {
            Object[] next = slots.clone();
            next[place] = slot;
            return new Branch(used, next);
        }

        Branch plus(int bit, Object slot) {
            int place = place(bit);
            Object[] next = new Object[slots.length + 1];
            System.arraycopy(slots, 0, next, 0, place);
            next[place] = slot;
            System.arraycopy(slots, place, next, place + 1, slots.length - place);
            return new Branch(used | bit, next);
        }

        Branch minus(int bit) {
            int place = place(bit);
            Object[] next = new Object[slots.length - 1];
            System.arraycopy(slots, 0, next, 0, place);
            System.arraycopy(slots, place + 1, next, place, next.length - place);
            return new Branch(used & ~bit, next);
        }
    }

    private EntryMap(Branch root, int size) {
        this.root = root;
        this.size = size;
    }

    public int size() {
        return size;
    }

    @Nullable
    Entry get(UpdateId id) {
        Object slot = slot(id.domain());
        if (slot instanceof Entry entry) {
            return id(entry).equals(id) ? entry : null;
        } else if (slot instanceof Entry[] several) {
            for (Entry each : several) {
                if (id(each).equals(id)) {
                    return each;
                }
            }
        }
        return null;
    }

    /** The one of a domain's updates that comes next: what was begun goes on first, as its domain would begin no other. */
    @Nullable
    Entry nextOf(DomainId domain) {
        Object slot = slot(domain);
        if (slot instanceof Entry entry) {
            return id(entry).domain().equals(domain) ? entry : null;
        }
        Entry next = null;
        if (slot instanceof Entry[] several) {
            for (Entry each : several) {
                if (id(each).domain().equals(domain) && (next == null || each.token() > 0)) {
                    next = each;
                }
            }
        }
        return next;
    }

    /** What lies where the domain's updates would. */
    private @Nullable Object slot(DomainId domain) {
        int hash = hash(domain);
        Branch branch = root;
        for (int shift = 0; ; shift += BITS) {
            int bit = bit(hash, shift);
            if (!branch.has(bit)) {
                return null;
            }
            Object slot = branch.slots[branch.place(bit)];
            if (!(slot instanceof Branch deeper)) {
                return slot;
            }
            branch = deeper;
        }
    }

    /** An entry of the same id is replaced. */
    EntryMap plus(Entry entry) {
        Entry old = get(id(entry));
        return new EntryMap(plus(root, hash(id(entry).domain()), 0, entry), old == null ? size + 1 : size);
    }

    private static Branch plus(Branch branch, int hash, int shift, Entry entry) {
        int bit = bit(hash, shift);
        if (!branch.has(bit)) {
            return branch.plus(bit, entry);
        }
        int place = branch.place(bit);
        Object slot = branch.slots[place];
        if (slot instanceof Branch deeper) {
            return branch.with(place, plus(deeper, hash, shift + BITS, entry));
        }
        if (slot instanceof Entry one && id(one).equals(id(entry))) {
            return branch.with(place, entry);
        }
        Entry[] several = several(slot);
        int other = hash(id(several[0]).domain());
        return branch.with(
                place, other == hash ? slot(joined(several, entry)) : apart(other, slot, hash, entry, shift + BITS));
    }

    /** Two slots of different hashes that fell together above. */
    private static Branch apart(int oneHash, Object one, int otherHash, Object other, int shift) {
        int oneBit = bit(oneHash, shift);
        int otherBit = bit(otherHash, shift);
        Branch none = new Branch(0, new Object[0]);
        return oneBit == otherBit
                ? none.plus(oneBit, apart(oneHash, one, otherHash, other, shift + BITS))
                : none.plus(oneBit, one).plus(otherBit, other);
    }

    EntryMap minus(UpdateId id) {
        return get(id) == null ? this : new EntryMap(minus(root, hash(id.domain()), 0, id), size - 1);
    }

    private static Branch minus(Branch branch, int hash, int shift, UpdateId id) {
        int bit = bit(hash, shift);
        int place = branch.place(bit);
        Object slot = branch.slots[place];
        if (slot instanceof Branch deeper) {
            Branch rest = minus(deeper, hash, shift + BITS, id);
            // What is alone moves up, so that a map is in one form whatever was in it before.
            return rest.slots.length == 1 && !(rest.slots[0] instanceof Branch)
                    ? branch.with(place, rest.slots[0])
                    : branch.with(place, rest);
        }
        Entry[] rest = Arrays.stream(several(slot))
                .filter(each -> !id(each).equals(id))
                .toArray(Entry[]::new);
        return rest.length == 0 ? branch.minus(bit) : branch.with(place, slot(rest));
    }

    private static Entry[] several(Object slot) {
        return slot instanceof Entry entry ? new Entry[] {entry} : (Entry[]) slot;
    }

    private static Object slot(Entry[] several) {
        return several.length == 1 ? several[0] : several;
    }

    private static Entry[] joined(Entry[] several, Entry entry) {
        List<Entry> all = new ArrayList<>(Arrays.asList(several));
        all.removeIf(each -> id(each).equals(id(entry)));
        all.add(entry);
        all.sort((one, other) -> SchedulerState.ORDER.compare(id(one), id(other)));
        return all.toArray(Entry[]::new);
    }

    private static UpdateId id(Entry entry) {
        return entry.request().id();
    }

    private static int bit(int hash, int shift) {
        return 1 << ((hash >>> shift) & ((1 << BITS) - 1));
    }

    /** Murmur3's finaliser: names that count up differ in few bits. */
    private static int hash(DomainId domain) {
        int hash = domain.value().hashCode();
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return hash ^ (hash >>> 16);
    }

    /** All of them, by domain and number. */
    public List<Entry> values() {
        List<Entry> all = new ArrayList<>(size);
        each(root, all::add);
        all.sort((one, other) -> SchedulerState.ORDER.compare(id(one), id(other)));
        return all;
    }

    private static void each(Object slot, Consumer<Entry> consumer) {
        if (slot instanceof Branch branch) {
            for (Object deeper : branch.slots) {
                each(deeper, consumer);
            }
        } else {
            for (Entry entry : several(slot)) {
                consumer.accept(entry);
            }
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EntryMap map && size == map.size && values().equals(map.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return values().toString();
    }
}
