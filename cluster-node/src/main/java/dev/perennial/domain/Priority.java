package dev.perennial.domain;

import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How much a request should be served next: a sum of named terms, so that every rank can be explained. All terms but
 * {@code waiting} are bounded, and {@code waiting} grows for ever, so that nothing starves: after
 * {@link #STARVATION_BOUND} the least of requests outranks any that has just come.
 *
 * @param terms in the order importance, kind, volume, deadline, waiting
 * @param sum of the terms
 */
public record Priority(Map<String, Double> terms, double sum, String explanation) {
    private static final double IMPORTANCE = 4;
    private static final double FIX = 2;
    private static final double ABILITY = 1;
    private static final double KNOWLEDGE = 0.5;
    private static final double VOLUME_A_DECADE = 0.5;
    private static final double LARGEST_VOLUME = 3;
    private static final double DEADLINE = 4;
    private static final double WAITING_AN_HOUR = 2;
    private static final double SECONDS_AN_HOUR = 3600;

    /** The largest head start, (4 + 2 + 3 + 4) - 0.5 points, at 2 points an hour: 6 hours 15 minutes. */
    public static final Duration STARVATION_BOUND = Duration.ofSeconds(
            (long) ((IMPORTANCE + FIX + LARGEST_VOLUME + DEADLINE - KNOWLEDGE) / WAITING_AN_HOUR * SECONDS_AN_HOUR));

    public static Priority of(UpdateRequest request, Instant now) {
        Map<String, Double> terms = new LinkedHashMap<>();
        terms.put("importance", IMPORTANCE * request.importance());
        terms.put("kind", kind(request.kind()));
        terms.put("volume", Math.min(LARGEST_VOLUME, VOLUME_A_DECADE * Math.log10(1.0 + request.examples())));
        terms.put(
                "deadline",
                request.deadline()
                        .map(deadline -> DEADLINE / (1 + hours(now, deadline)))
                        .orElse(0.0));
        terms.put("waiting", WAITING_AN_HOUR * hours(request.requestedAt(), now));
        double sum = terms.values().stream().mapToDouble(Double::doubleValue).sum();
        String explanation = terms.entrySet().stream()
                .map(term -> String.format(Locale.ROOT, "%s %.2f", term.getKey(), term.getValue()))
                .collect(Collectors.joining(" + ", "priority ", String.format(Locale.ROOT, " = %.2f", sum)));
        return new Priority(terms, sum, explanation);
    }

    private static double kind(UpdateKind kind) {
        return switch (kind) {
            case FIX -> FIX;
            case BEHAVIOUR, TASK -> ABILITY;
            case KNOWLEDGE -> KNOWLEDGE;
        };
    }

    /** Hours from one instant to a later one; 0 where the other is earlier, as clocks of two nodes may have it. */
    private static double hours(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toMillis() / 1000.0 / SECONDS_AN_HOUR);
    }
}
