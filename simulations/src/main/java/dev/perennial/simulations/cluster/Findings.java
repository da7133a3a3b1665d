package dev.perennial.simulations.cluster;

import dev.perennial.simulations.cluster.invariants.AcknowledgedExamplesAreKept;
import dev.perennial.simulations.cluster.invariants.AcknowledgedFeedbackIsKept;
import dev.perennial.simulations.cluster.invariants.AcknowledgedRequestsAreKept;
import dev.perennial.simulations.cluster.invariants.AcknowledgedUpdatesEnd;
import dev.perennial.simulations.cluster.invariants.NothingIsAppliedTwice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the invariants found.
 *
 * @param breaches by the invariant's name, in a fixed order; none where it holds
 * @param acknowledged writes
 * @param discarded rows of journals that a replay passes over
 * @param promotions of versions
 * @param yields of running updates to urgent ones
 */
record Findings(Map<String, List<String>> breaches, long acknowledged, long discarded, long promotions, long yields) {
    /** Nobody has looked yet. */
    static final Findings NONE = new Findings(Map.of(), 0, 0, 0, 0);

    boolean held() {
        return breaches.values().stream().allMatch(List::isEmpty);
    }

    int lost() {
        return Stream.of(
                        AcknowledgedExamplesAreKept.class,
                        AcknowledgedFeedbackIsKept.class,
                        AcknowledgedRequestsAreKept.class,
                        AcknowledgedUpdatesEnd.class)
                .mapToInt(this::count)
                .sum();
    }

    int doubled() {
        return count(NothingIsAppliedTwice.class);
    }

    private int count(Class<?> invariant) {
        return breaches.getOrDefault(invariant.getSimpleName(), List.of()).size();
    }

    /** Both together: what was broken once stays so, though a later look finds it mended. */
    Findings and(Findings later) {
        Map<String, List<String>> both = new LinkedHashMap<>();
        later.breaches()
                .forEach((name, found) ->
                        both.put(name, found.isEmpty() ? breaches.getOrDefault(name, List.of()) : found));
        return new Findings(both, later.acknowledged(), later.discarded(), later.promotions(), later.yields());
    }
}
