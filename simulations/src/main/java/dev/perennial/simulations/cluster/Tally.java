package dev.perennial.simulations.cluster;

import dev.perennial.simulations.cluster.invariants.Write;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a run's judgement rests on: an invariant holds easily of what did not happen.
 *
 * @param acknowledged writes of every kind, 0 where there was none
 * @param sightings completions that named the version which wrote them
 * @param stuckNodes that had to be killed, as they neither answered nor ended
 * @param refusals answers of 400 to 499, which nothing in a run deserves, each with who got it
 */
record Tally(Map<Write.Kind, Long> acknowledged, long sightings, int stuckNodes, List<String> refusals) {
    Tally {
        Map<Write.Kind, Long> all = new EnumMap<>(Write.Kind.class);
        for (Write.Kind kind : Write.Kind.values()) {
            all.put(kind, acknowledged.getOrDefault(kind, 0L));
        }
        acknowledged = Collections.unmodifiableMap(all);
        refusals = List.copyOf(refusals);
    }

    long acknowledged(Write.Kind kind) {
        return acknowledged.getOrDefault(kind, 0L);
    }

    /** As reports have it. */
    static String label(Write.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** For people. */
    String line() {
        return "acknowledged: "
                + acknowledged.entrySet().stream()
                        .map(each -> label(each.getKey()) + " " + each.getValue())
                        .collect(Collectors.joining(", "))
                + "; " + sightings + " sightings of a served version; " + stuckNodes + " nodes killed as stuck, "
                + refusals.size() + " requests refused";
    }
}
