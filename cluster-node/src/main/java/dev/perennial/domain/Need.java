package dev.perennial.domain;

import dev.perennial.protocols.UpdateRequest;
import java.util.Comparator;
import java.util.Optional;

/**
 * What a request asks of a trainer.
 *
 * @param base digest of the base that it has to have; empty for any
 * @param memoryBytes that it has to have free; empty for any
 */
record Need(Optional<String> base, Optional<Long> memoryBytes) {
    /** Asked with every look at the ranking: texts are interned, and nearly always the same. */
    static final Comparator<Need> ORDER = (one, other) -> {
        int byBase = compare(one.base.orElse(""), other.base.orElse(""));
        return byBase != 0 ? byBase : Long.compare(one.memoryBytes.orElse(0L), other.memoryBytes.orElse(0L));
    };

    @SuppressWarnings("ReferenceEquality")
    static int compare(String one, String other) {
        return one == other ? 0 : one.compareTo(other);
    }

    static Need of(UpdateRequest request) {
        return new Need(request.signals().base(), request.memoryBytes());
    }
}
