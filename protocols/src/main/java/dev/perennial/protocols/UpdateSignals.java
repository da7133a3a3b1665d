package dev.perennial.protocols;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What a domain measured of itself when an update was requested, for the scheduler to rank by.
 *
 * @param feedbackADay examples accepted a day, as a mean in which what is a day old counts half
 * @param usualFeedbackADay the same mean in which what is a week old counts half
 * @param trafficADay completions asked of the domain a day, as a mean in which what is a day old counts half
 * @param gap how far the live version was from knowing new examples when the latest candidate was judged, 0 to 1: 1 less
 *     the geometric mean of its probability of a learned token; empty before the first candidate
 * @param oldest when the oldest of the examples that wait was accepted; empty where none waits
 * @param risk share of the latest 10 finished updates that their gate rejected or that failed, 0 to 1; 0 before the first
 * @param steps optimiser steps that the policy plans for the examples that wait
 * @param tokens estimate over the examples that wait, all epochs counted
 * @param base digest of the base that the domain's live version was trained on, and the next one has to be; empty where that
 *     is the bare base
 */
public record UpdateSignals(
        double feedbackADay,
        double usualFeedbackADay,
        double trafficADay,
        Optional<Double> gap,
        Optional<Instant> oldest,
        double risk,
        int steps,
        long tokens,
        Optional<String> base) {
    /** Of requests in journals of before anything was measured. */
    public static final UpdateSignals NONE =
            new UpdateSignals(0, 0, 0, Optional.empty(), Optional.empty(), 0, 0, 0, Optional.empty());

    public UpdateSignals {
        gap = Objects.requireNonNullElse(gap, Optional.empty());
        oldest = Objects.requireNonNullElse(oldest, Optional.empty());
        // Thousands of requests that wait have the same one.
        base = Objects.requireNonNullElse(base, Optional.<String>empty()).map(String::intern);
    }
}
