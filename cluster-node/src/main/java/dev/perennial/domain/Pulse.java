package dev.perennial.domain;

import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.DomainSnapshot.Arrival;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pcollections.TreePMap;

/**
 * How much comes in to a domain, and how much is asked of it. A count N in which what is h old counts half, after an age a of
 * steady coming, is r h / ln 2 (1 - 2^(-a / h)) at the rate r; so that is what rates are read from, and a young domain is not
 * taken for a slow one.
 *
 * @param since when anything was counted first
 * @param at as of when the counts are
 * @param feedback examples to learn, with a half-life of a day
 * @param usual examples to learn, with a half-life of a week
 * @param traffic completions, with a half-life of a day
 * @param arrivals when examples were accepted, to the minute, by the number of the first of them, as far as they may wait
 */
record Pulse(
        Instant since, Instant at, double feedback, double usual, double traffic, TreePMap<Long, Instant> arrivals) {
    private static final double DAY = 86_400;
    private static final double WEEK = 7 * DAY;

    /** Before an hour has passed, a rate a day would be anything. */
    private static final double YOUNGEST = 3_600;

    /** What comes within it of an arrival counts as come with it: a domain that takes examples one by one would carry a time for each. */
    private static final Duration TOGETHER = Duration.ofMinutes(1);

    static Pulse from(Instant created) {
        return new Pulse(created, created, 0, 0, 0, TreePMap.empty());
    }

    static Pulse of(DomainSnapshot.Pulse snapshot) {
        TreePMap<Long, Instant> arrivals = TreePMap.empty();
        for (Arrival arrival : snapshot.arrivals()) {
            arrivals = arrivals.plus(arrival.number(), arrival.at());
        }
        return new Pulse(
                snapshot.since(),
                snapshot.at(),
                snapshot.feedback(),
                snapshot.usualFeedback(),
                snapshot.traffic(),
                arrivals);
    }

    DomainSnapshot.Pulse toSnapshot() {
        List<Arrival> list = new ArrayList<>();
        arrivals.forEach((number, time) -> list.add(new Arrival(number, time)));
        return new DomainSnapshot.Pulse(since, at, feedback, usual, traffic, list);
    }

    /**
     * @param number of the first of the examples
     * @param learnable how many of them are to be learned
     * @param oldest number of the oldest example that waits
     */
    Pulse accepted(long number, long learnable, long oldest, Instant now) {
        Pulse then = asOf(now);
        return new Pulse(
                then.since,
                then.at,
                then.feedback + learnable,
                then.usual + learnable,
                then.traffic,
                needed(arrived(number, now), oldest));
    }

    Pulse asked(long completions, Instant now) {
        Pulse then = asOf(now);
        return new Pulse(then.since, then.at, then.feedback, then.usual, then.traffic + completions, arrivals);
    }

    private TreePMap<Long, Instant> arrived(long number, Instant now) {
        boolean together = !arrivals.isEmpty()
                && Duration.between(arrivals.lastEntry().getValue(), now).abs().compareTo(TOGETHER) < 0;
        return together ? arrivals : arrivals.plus(number, now);
    }

    /** Without the arrivals that are older than what waits. */
    private static TreePMap<Long, Instant> needed(TreePMap<Long, Instant> arrivals, long oldest) {
        Long first = arrivals.floorKey(oldest);
        return first == null ? arrivals : arrivals.tailMap(first, true);
    }

    /** When the example of that number was accepted, or up to a minute before; one that was freed later got its number after that. */
    Optional<Instant> arrivalOf(long number) {
        return Optional.ofNullable(arrivals.floorEntry(number)).map(Map.Entry::getValue);
    }

    double feedbackADay(Instant now) {
        Pulse then = asOf(now);
        return rate(then.feedback, DAY, age(now));
    }

    double usualFeedbackADay(Instant now) {
        Pulse then = asOf(now);
        return rate(then.usual, WEEK, age(now));
    }

    double trafficADay(Instant now) {
        Pulse then = asOf(now);
        return rate(then.traffic, DAY, age(now));
    }

    private Pulse asOf(Instant now) {
        double passed = seconds(at, now);
        if (passed <= 0) {
            return this;
        }
        return new Pulse(
                since,
                now,
                feedback * Math.pow(2, -passed / DAY),
                usual * Math.pow(2, -passed / WEEK),
                traffic * Math.pow(2, -passed / DAY),
                arrivals);
    }

    private static double rate(double count, double halfLife, double age) {
        return count * Math.log(2) / (halfLife / DAY) / (1 - Math.pow(2, -age / halfLife));
    }

    private double age(Instant now) {
        return Math.max(YOUNGEST, seconds(since, now));
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }
}
