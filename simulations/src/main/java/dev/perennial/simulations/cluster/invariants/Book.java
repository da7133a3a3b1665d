package dev.perennial.simulations.cluster.invariants;

import java.util.List;

/** All writes of a run, or of a run up to now. */
public record Book(List<Write> writes) {
    public Book {
        writes = List.copyOf(writes);
    }

    List<Write> acknowledged(Write.Kind kind) {
        return writes.stream()
                .filter(write -> write.kind() == kind && write.isAcknowledged())
                .toList();
    }

    public long acknowledged() {
        return writes.stream().filter(Write::isAcknowledged).count();
    }
}
