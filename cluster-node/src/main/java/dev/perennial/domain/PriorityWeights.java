package dev.perennial.domain;

import java.time.Duration;

/**
 * What the terms of a {@link Priority} are worth, in points. All but waiting are bounded, and waiting grows for ever, so that
 * nothing starves.
 *
 * @param importance of an importance of 1
 * @param fix of an update of that kind
 * @param ability of a task or behaviour
 * @param knowledge of an update of that kind
 * @param volume of each tenfold of the examples that wait, up to 1,000,000
 * @param trend of twice the usual feedback, and the opposite of half of it; no more than that
 * @param impact of each tenfold of the completions a day that a better version would answer otherwise, up to 1,000,000
 * @param cost that each tenfold of a GPU minute takes away, up to 10,000 minutes
 * @param risk that is taken away where all of the domain's latest updates came to nothing
 * @param deadline of a request that should have begun
 * @param tenant that is taken away where one tenant has used all of the GPU time of late
 * @param waiting of each hour that the request waits
 * @param stalest hours of the oldest example before the request, of which each counts as an hour of waiting; no more than
 *     these
 */
public record PriorityWeights(
        double importance,
        double fix,
        double ability,
        double knowledge,
        double volume,
        double trend,
        double impact,
        double cost,
        double risk,
        double deadline,
        double tenant,
        double waiting,
        double stalest) {
    /** How they compare with others: {@code simulations.jar schedule --variant}, and its log. */
    public static final PriorityWeights DEFAULT = new PriorityWeights(4, 6, 1, 0.5, 0.25, 0.5, 6, 6, 1, 4, 4, 0.1, 72);

    static final double DECADES_OF_EXAMPLES = 6;
    static final double DECADES_OF_IMPACT = 6;
    static final double DECADES_OF_COST = 4;

    private static final double SECONDS_AN_HOUR = 3600;

    /**
     * How long a request waits at most until none that comes is served before it: the largest head start over the waiting
     * of an hour, (importance + fix − min(ability, knowledge) + 6 volume + 2 trend + 6 impact + 4 cost + risk + deadline +
     * tenant) / waiting + stalest.
     */
    public Duration starvationBound() {
        double lead = importance
                + Math.max(fix, Math.max(ability, knowledge))
                - Math.min(fix, Math.min(ability, knowledge))
                + DECADES_OF_EXAMPLES * volume
                + 2 * trend
                + DECADES_OF_IMPACT * impact
                + DECADES_OF_COST * cost
                + risk
                + deadline
                + tenant;
        return Duration.ofSeconds((long) Math.ceil((lead / waiting + stalest) * SECONDS_AN_HOUR));
    }
}
