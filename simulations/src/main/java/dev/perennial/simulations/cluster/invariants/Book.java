package dev.perennial.simulations.cluster.invariants;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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

    /** Kinds without any are left out. */
    public Map<Write.Kind, Long> acknowledgedByKind() {
        return writes.stream()
                .filter(Write::isAcknowledged)
                .collect(Collectors.groupingBy(Write::kind, Collectors.counting()));
    }
}
