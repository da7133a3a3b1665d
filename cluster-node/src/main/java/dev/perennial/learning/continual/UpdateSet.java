package dev.perennial.learning.continual;

import dev.perennial.learning.Sequence;
import java.util.List;

/**
 * The data of an update. What the plan has no use for is left alone.
 *
 * @param fresh to be learned, in the order in which they came
 * @param replayed earlier ones of the same lineage
 * @param general what the base can do and must go on doing
 */
public record UpdateSet(List<Item> fresh, List<Item> replayed, List<Item> general) {
    public UpdateSet {
        fresh = List.copyOf(fresh);
        replayed = List.copyOf(replayed);
        general = List.copyOf(general);
    }

    /**
     * @param id of the example that the sequence is of or a part of; it goes into the digest of the data
     */
    public record Item(String id, Sequence sequence) {}
}
