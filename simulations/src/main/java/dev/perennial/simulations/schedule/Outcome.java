package dev.perennial.simulations.schedule;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What became of a run, as it goes. Times are in hours. */
final class Outcome {
    /** A request that waited for longer is counted as starved. */
    static final double STARVING = 7 * 24;

    private static final int BINS_AN_HOUR = 2;

    private final long[] staleness;
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
