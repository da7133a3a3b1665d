package dev.perennial.domain;

import java.util.List;
import org.pcollections.TreePSet;

/**
 * What was deleted, and is never taken again.
 *
 * @param deleted ids of all examples ever deleted
 * @param removing those of them whose rows may still be in the example store
 */
record Deletion(TreePSet<String> deleted, TreePSet<String> removing) {
    static final Deletion NONE = new Deletion(TreePSet.empty(), TreePSet.empty());

    static Deletion of(List<String> deleted, List<String> removing) {
        return new Deletion(TreePSet.from(deleted), TreePSet.from(removing));
    }

    Deletion delete(List<String> ids) {
        TreePSet<String> all = deleted;
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
