package dev.perennial.domain;

import dev.perennial.protocols.PackedIds;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePSet;

/**
 * A large set of ids, in their natural order, that changes a little at a time: most of it packed, and beside it what has come and what has
 * gone since, until that is an eighth of the whole. Sets share what they have in common.
 */
final class IdSet extends AbstractSet<String> {
    static final IdSet NONE = of(PackedIds.NONE);

    private static final int LEAST_CHANGES = 4096;
    private static final int SHARE = 8;

    private final PackedIds packed;
    private final TreePSet<String> come;
    private final TreePSet<String> gone;

    private IdSet(PackedIds packed, TreePSet<String> come, TreePSet<String> gone) {
        this.packed = packed;
        this.come = come;
        this.gone = gone;
    }

    static IdSet of(PackedIds ids) {
        return new IdSet(ids, TreePSet.empty(), TreePSet.empty());
    }

    PackedIds pack() {
        return come.isEmpty() && gone.isEmpty() ? packed : PackedIds.of(this);
    }

    IdSet plus(String id) {
        if (contains(id)) {
            return this;
        }
        return gone.contains(id) ? changed(come, gone.minus(id)) : changed(come.plus(id), gone);
    }

    IdSet minus(String id) {
        if (!contains(id)) {
            return this;
        }
        return come.contains(id) ? changed(come.minus(id), gone) : changed(come, gone.plus(id));
    }

    private IdSet changed(TreePSet<String> nowCome, TreePSet<String> nowGone) {
        IdSet next = new IdSet(packed, nowCome, nowGone);
        int changes = nowCome.size() + nowGone.size();
        return changes > LEAST_CHANGES && changes > packed.size() / SHARE ? of(next.pack()) : next;
    }

    @Override
    public boolean contains(@Nullable Object id) {
        return id instanceof String text && (come.contains(text) || (packed.contains(text) && !gone.contains(text)));
    }

    @Override
    public int size() {
        return packed.size() + come.size() - gone.size();
    }

    @Override
    public Iterator<String> iterator() {
        return new Merged(packed.iterator(), come.iterator());
    }

    private final class Merged implements Iterator<String> {
        private final Iterator<String> old;
        private final Iterator<String> fresh;
        private @Nullable String nextOld;
        private @Nullable String nextFresh;

        Merged(Iterator<String> old, Iterator<String> fresh) {
            this.old = old;
            this.fresh = fresh;
            this.nextOld = stillThere();
            this.nextFresh = fresh.hasNext() ? fresh.next() : null;
        }

        private @Nullable String stillThere() {
            while (old.hasNext()) {
                String id = old.next();
                if (!gone.contains(id)) {
                    return id;
                }
            }
            return null;
        }

        @Override
        public boolean hasNext() {
            return nextOld != null || nextFresh != null;
        }

        @Override
        public String next() {
            String one = nextOld;
            String other = nextFresh;
            if (one != null && (other == null || one.compareTo(other) < 0)) {
                nextOld = stillThere();
                return one;
            } else if (other != null) {
                nextFresh = fresh.hasNext() ? fresh.next() : null;
                return other;
            }
            throw new NoSuchElementException();
        }
    }
}
