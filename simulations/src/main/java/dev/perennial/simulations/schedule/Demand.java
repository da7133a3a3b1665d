package dev.perennial.simulations.schedule;

/** How far each domain's gap and its feedback have come. Belongs to one run. */
final class Demand {
    private static final double HOURS_A_WEEK = 168;
    private static final double OF_THE_GAP_A_BURST = 0.3;
    private static final double HOURS_OF_FEEDBACK_A_BURST = 12;
    private static final double EXAMPLES_A_BURST = 20;

    private final World world;
    final double[] gap;
    final double[] waiting;
    final double[] oldest;
    final double[] usual;
    private final double[] at;

    Demand(World world) {
        this.world = world;
        int n = world.scale.domains();
        gap = world.firstGap.clone();
        waiting = new double[n];
        oldest = new double[n];
        usual = new double[n];
        at = new double[n];
        for (int i = 0; i < n; i++) {
            oldest[i] = Double.NaN;
            usual[i] = examplesAnHour(i);
        }
    }

    /** Hours that pass: the gap drifts, examples come. */
    void advance(int domain, double now) {
        double passed = now - at[domain];
        if (passed <= 0) {
            return;
        }
        double before = gap[domain];
        double usualShare = 1 - Math.exp(-passed / HOURS_A_WEEK);
        usual[domain] += (examplesAnHour(domain) - usual[domain]) * usualShare;
        gap[domain] = 1 - (1 - before) * Math.exp(-world.drift[domain] * passed);
        double mean = (before + gap[domain]) / 2;
        double rate = world.completionsAnHour[domain] * World.CORRECTED * mean + world.documentsAnHour[domain];
        arrive(domain, rate * passed, at[domain] + Math.max(0, 1 - waiting[domain]) / rate, now);
        at[domain] = now;
    }

    /** The world of the domain changes, and its users notice. */
    void burst(int domain, double now) {
        advance(domain, now);
        gap[domain] += OF_THE_GAP_A_BURST * (1 - gap[domain]);
        double examples = EXAMPLES_A_BURST + HOURS_OF_FEEDBACK_A_BURST * examplesAnHour(domain);
        arrive(domain, examples, now, now);
    }

    private void arrive(int domain, double examples, double first, double now) {
        waiting[domain] += examples;
        if (waiting[domain] >= 1 && Double.isNaN(oldest[domain])) {
            oldest[domain] = Math.min(now, first);
        }
    }

    double examplesAnHour(int domain) {
        return world.completionsAnHour[domain] * World.CORRECTED * gap[domain] + world.documentsAnHour[domain];
    }

    /** What an update took and did not learn waits again. */
    void giveBack(int domain, double examples, double since) {
        waiting[domain] += examples;
        oldest[domain] = Double.isNaN(oldest[domain]) ? since : Math.min(since, oldest[domain]);
    }

    /**
     * Of what waits the oldest go; the rest is taken to have come evenly since.
     *
     * @return how many went, {@code most} at most
     */
    double take(int domain, double most, double now) {
        double taken = Math.min(waiting[domain], most);
        double rest = waiting[domain] - taken;
        oldest[domain] = rest < 1 ? Double.NaN : oldest[domain] + (now - oldest[domain]) * taken / waiting[domain];
        waiting[domain] = rest;
        return taken;
    }
}
