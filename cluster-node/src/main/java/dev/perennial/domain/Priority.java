package dev.perennial.domain;

import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How much a request should be served next: a sum of named terms, so that every rank can be explained. Impact less cost is
 * the logarithm of what a GPU second gains, which ranks as the greedy rule of the fractional knapsack does.
 *
 * <p>Of all terms, only waiting changes with time, by the same in the same time for all requests; deadlines do in steps, and
 * the tenant's term is one for all requests of the tenant. So the order of a tenant's requests stays as it is between those
 * steps, and {@link Ranking} need not sort it again.
 *
 * @param terms in the order importance, kind, volume, trend, impact, cost, risk, staleness, deadline, tenant, waiting
 * @param sum of the terms
 */
public record Priority(Map<String, Double> terms, double sum) {
    private static final double SECONDS_AN_HOUR = 3600;
    private static final double SECONDS_A_MINUTE = 60;

    /**
     * @param predictedSeconds that the update will take of a GPU; 0 where nothing is known of it yet, and then it costs
     *     nothing
     * @param tenantShare of what all tenants used of late, 0 to 1
     */
    public static Priority of(
            PriorityWeights weights, UpdateRequest request, double predictedSeconds, double tenantShare, Instant now) {
        UpdateSignals signals = request.signals();
        Map<String, Double> terms = new LinkedHashMap<>();
        terms.put("importance", weights.importance() * request.importance());
        terms.put("kind", kind(weights, request.kind()));
        terms.put("volume", weights.volume() * decades(request.examples(), PriorityWeights.DECADES_OF_EXAMPLES));
        terms.put("trend", weights.trend() * trend(signals));
        terms.put("impact", weights.impact() * impact(signals));
        terms.put("cost", 0 - weights.cost() * cost(predictedSeconds));
        terms.put("risk", 0 - weights.risk() * signals.risk());
        terms.put("staleness", weights.waiting() * staleness(weights, request));
        terms.put("deadline", weights.deadline() * DeadlineLadder.nearness(request, predictedSeconds, now));
        terms.put("tenant", 0 - weights.tenant() * tenantShare);
        terms.put("waiting", weights.waiting() * hours(request.requestedAt(), now));
        double sum = terms.values().stream().mapToDouble(Double::doubleValue).sum();
        return new Priority(terms, sum);
    }

    public String explanation() {
        return terms.entrySet().stream()
                .map(term -> String.format(Locale.ROOT, "%s %.2f", term.getKey(), term.getValue()))
                .collect(Collectors.joining(" + ", "priority ", String.format(Locale.ROOT, " = %.2f", sum)));
    }

    /** As far as a domain can tell by itself: not what it costs, nor what its tenant has used. */
    static Priority asRequested(UpdateRequest request) {
        return of(PriorityWeights.DEFAULT, request, 0, 0, request.requestedAt());
    }

    /**
     * The sum without the tenant's term, less what waiting from 1970 on until now would be worth: as long as no deadline
     * comes nearer it does not change.
     */
    static double key(PriorityWeights weights, UpdateRequest request, double predictedSeconds, Instant now) {
        UpdateSignals signals = request.signals();
        return weights.importance() * request.importance()
                + kind(weights, request.kind())
                + weights.volume() * decades(request.examples(), PriorityWeights.DECADES_OF_EXAMPLES)
                + weights.trend() * trend(signals)
                + weights.impact() * impact(signals)
                - weights.cost() * cost(predictedSeconds)
                - weights.risk() * signals.risk()
                + weights.waiting() * staleness(weights, request)
                + weights.deadline() * DeadlineLadder.nearness(request, predictedSeconds, now)
                - weights.waiting() * hours(Instant.EPOCH, request.requestedAt());
    }

    /** The sum of the terms, to within rounding. */
    static double sum(
            PriorityWeights weights, UpdateRequest request, double predictedSeconds, double tenantShare, Instant now) {
        return key(weights, request, predictedSeconds, now)
                - weights.tenant() * tenantShare
                + weights.waiting() * hours(Instant.EPOCH, now);
    }

    private static double kind(PriorityWeights weights, UpdateKind kind) {
        return switch (kind) {
            case FIX -> weights.fix();
            case BEHAVIOUR, TASK -> weights.ability();
            case KNOWLEDGE -> weights.knowledge();
        };
    }

    /** -1 to 1. A domain whose feedback has just begun has no usual one, and no trend. */
    private static double trend(UpdateSignals signals) {
        if (signals.usualFeedbackADay() <= 0 || signals.feedbackADay() <= 0) {
            return 0;
        }
        double doublings = Math.log(signals.feedbackADay() / signals.usualFeedbackADay()) / Math.log(2);
        return Math.max(-1, Math.min(1, doublings));
    }

    /** A domain of which no candidate was ever judged is taken to know nothing. */
    private static double impact(UpdateSignals signals) {
        double gap = signals.gap().isPresent() ? signals.gap().get() : 1;
        return decades(gap * signals.trafficADay(), PriorityWeights.DECADES_OF_IMPACT);
    }

    private static double cost(double predictedSeconds) {
        return decades(predictedSeconds / SECONDS_A_MINUTE, PriorityWeights.DECADES_OF_COST);
    }

    private static double decades(double value, double most) {
        return Math.min(most, Math.log10(1 + Math.max(0, value)));
    }

    /** Hours, 0 to the weights' most. */
    private static double staleness(PriorityWeights weights, UpdateRequest request) {
        return request.signals()
                .oldest()
                .map(oldest -> Math.max(0, Math.min(weights.stalest(), hours(oldest, request.requestedAt()))))
                .orElse(0.0);
    }

    private static double hours(Instant from, Instant to) {
        return (to.getEpochSecond() - from.getEpochSecond() + (to.getNano() - from.getNano()) * 1e-9) / SECONDS_AN_HOUR;
    }
}
