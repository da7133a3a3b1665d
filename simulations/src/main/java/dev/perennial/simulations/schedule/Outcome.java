package dev.perennial.simulations.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What became of a run, as it goes. Times are in hours. */
final class Outcome {
    /** A request that waited for longer is counted as starved. */
    static final double STARVING = 7 * 24;

    /** Kept of a run, and one for its end, however long it is. */
    static final int MOST_MOMENTS = 240;

    private static final int BINS_AN_HOUR = 2;

    /**
     * How far a run has come.
     *
     * @param answers that became right by updates that are over by then
     * @param queued requests that wait for a GPU
     */
    record Moment(double hour, double answers, long queued) {}

    private final long[] staleness;
    private final double spacing;
    private final List<Moment> moments = new ArrayList<>();
    private final Map<String, long[]> served = new TreeMap<>();
    long requested;
    long learned;
    long rejected;
    long dropped;
    long waiting;
    long running;
    long failures;
    long preemptions;
    long starved;
    long deadlines;
    long missedDeadlines;
    double answers;
    double gpuHours;

    Outcome(Scale scale) {
        staleness = new long[(int) (scale.hours() * BINS_AN_HOUR) + 2];
        spacing = scale.hours() / MOST_MOMENTS;
    }

    /** Keeps the moment where the time since the ones before is long enough. */
    void passed(double hour, long queued) {
        if (hour >= moments.size() * spacing - 1e-9) {
            moments.add(new Moment(hour, answers, queued));
        }
    }

    List<Moment> moments() {
        return List.copyOf(moments);
    }

    /** How long the oldest example of a domain that is not learned has waited. */
    void stale(double hours) {
        staleness[Math.min(staleness.length - 1, (int) (hours * BINS_AN_HOUR))]++;
    }

    void requestedBy(String tenant) {
        requested++;
        served.computeIfAbsent(tenant, name -> new long[2])[1]++;
    }

    void servedTo(String tenant) {
        served.computeIfAbsent(tenant, name -> new long[2])[0]++;
    }

    void waited(double hours) {
        starved += hours > STARVING ? 1 : 0;
    }

    /** Answers that became right, in thousands, for each GPU hour that was used. */
    double qualityPerGpuHour() {
        return gpuHours == 0 ? 0 : answers / 1000 / gpuHours;
    }

    /** Of the samples of domains with something to learn; 0 to 1. @param hours a multiple of half an hour */
    double shareStaleForLess(double hours) {
        long below = 0;
        long all = 0;
        for (int i = 0; i < staleness.length; i++) {
            below += i < hours * BINS_AN_HOUR ? staleness[i] : 0;
            all += staleness[i];
        }
        return all == 0 ? 0 : (double) below / all;
    }

    double stalenessQuantile(double share) {
        long all = 0;
        for (long each : staleness) {
            all += each;
        }
        long below = 0;
        for (int i = 0; i < staleness.length; i++) {
            below += staleness[i];
            if (below >= share * all) {
                return (double) (i + 1) / BINS_AN_HOUR;
            }
        }
        return 0;
    }

    /** Jain's index over the tenants' shares of requests served: (sum x)^2 / (n sum x^2); 1 where all are served alike. */
    double fairness() {
        double sum = 0;
        double squares = 0;
        int tenants = 0;
        for (long[] each : served.values()) {
            if (each[1] > 0) {
                double share = (double) each[0] / each[1];
                sum += share;
                squares += share * share;
                tenants++;
            }
        }
        return squares == 0 ? 1 : sum * sum / (tenants * squares);
    }

    /** What is wrong with the books; nothing where every request is over, runs or waits. */
    List<String> broken() {
        long accounted = learned + rejected + dropped + waiting + running;
        return accounted == requested
                ? List.of()
                : List.of("of " + requested + " requests " + accounted + " are accounted for");
    }
}
