package dev.perennial.domain;

import dev.perennial.protocols.PackedIds;
import java.util.List;
import org.pcollections.TreePSet;

/**
 * What was deleted, and is never taken again.
 *
 * @param deleted ids of all examples ever deleted
 * @param removing those of them whose rows may still be in the example store
 */
record Deletion(IdSet deleted, TreePSet<String> removing) {
    static final Deletion NONE = new Deletion(IdSet.NONE, TreePSet.empty());

    static Deletion of(PackedIds deleted, List<String> removing) {
        return new Deletion(IdSet.of(deleted), TreePSet.from(removing));
    }

    Deletion delete(List<String> ids) {
        IdSet all = deleted;
        TreePSet<String> rows = removing;
        for (String id : ids) {
            all = all.plus(id);
            rows = rows.plus(id);
        }
        return new Deletion(all, rows);
    }

    Deletion completed(List<String> ids) {
        TreePSet<String> rows = removing;
        for (String id : ids) {
            rows = rows.minus(id);
        }
        return new Deletion(deleted, rows);
    }
}
