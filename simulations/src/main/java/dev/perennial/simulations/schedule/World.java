package dev.perennial.simulations.schedule;

import dev.perennial.protocols.DomainId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The domains as they are, whatever any policy does: everything is drawn from the seed before the first hour.
 *
 * <p>Traffic follows Zipf's law with exponent 1. A gap is the share of answers that an update could make right; without one
 * it drifts towards 1, by a share of the rest each hour. Of the wrong answers users correct 2 %, and documents come by
 * themselves. Now and then the world of a domain changes at once, and feedback bursts.
 */
final class World {
    private static final double MEAN_COMPLETIONS_AN_HOUR = 20;
    private static final double MEAN_DRIFT_AN_HOUR = 1 / 400.0;
    private static final double MEAN_DOCUMENTS_AN_HOUR = 0.25;
    private static final double BURSTS_A_MONTH = 0.3;
    private static final double HOURS_A_MONTH = 720;
    private static final double SHARE_IN_GROUPS = 0.02;
    private static final int DOMAINS_A_GROUP = 4;

    /** Of the corrections that wrong answers might get. */
    static final double CORRECTED = 0.02;

    final DomainId[] ids;
    final String[] tenant;
    final List<List<String>> groups = new ArrayList<>();
    final double[] completionsAnHour;
    final double[] drift;
    final double[] documentsAnHour;
    final double[] importance;
    final double[] risk;
    final double[] tokensAnExample;
    final double[] firstGap;
    final double[][] bursts;
    final long seed;
    final Scale scale;

    World(Scale scale, long seed) {
        this.scale = scale;
        this.seed = seed;
        int n = scale.domains();
        ids = new DomainId[n];
        tenant = new String[n];
        completionsAnHour = new double[n];
        drift = new double[n];
        documentsAnHour = new double[n];
        importance = new double[n];
        risk = new double[n];
        tokensAnExample = new double[n];
        firstGap = new double[n];
        bursts = new double[n][];
        double harmonic = 0;
        for (int rank = 1; rank <= n; rank++) {
            harmonic += 1.0 / rank;
        }
        for (int i = 0; i < n; i++) {
            SplittableRandom random = new SplittableRandom(seed * 1_000_003L + i);
            ids[i] = new DomainId("d" + i);
            // Squaring gives the first tenants most of the domains.
            tenant[i] = "t" + (int) (scale.tenants() * Math.pow(random.nextDouble(), 2));
            groups.add(group(i, random));
            completionsAnHour[i] = MEAN_COMPLETIONS_AN_HOUR * n / harmonic / (i + 1);
            drift[i] = MEAN_DRIFT_AN_HOUR * logNormal(random, 0.7);
            documentsAnHour[i] = MEAN_DOCUMENTS_AN_HOUR * logNormal(random, 1.0);
            importance[i] = random.nextDouble();
            risk[i] = 0.2 * Math.pow(random.nextDouble(), 2);
            tokensAnExample[i] = 200 * logNormal(random, 0.8);
            firstGap[i] = 0.3 * random.nextDouble();
            bursts[i] = bursts(random);
        }
    }

    private static List<String> group(int domain, SplittableRandom random) {
        return random.nextDouble() < SHARE_IN_GROUPS
                ? List.of("g" + domain / (int) (DOMAINS_A_GROUP / SHARE_IN_GROUPS))
                : List.of();
    }

    private double[] bursts(SplittableRandom random) {
        List<Double> times = new ArrayList<>();
        double time = exponential(random, HOURS_A_MONTH / BURSTS_A_MONTH);
        while (time < scale.hours()) {
            times.add(time);
            time += exponential(random, HOURS_A_MONTH / BURSTS_A_MONTH);
        }
        return times.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Randomness of one update, the same under every policy. */
    SplittableRandom ofUpdate(int domain, int number) {
        return new SplittableRandom((seed * 31 + domain) * 1_000_003L + number);
    }

    static double exponential(SplittableRandom random, double mean) {
        return -mean * Math.log(1 - random.nextDouble());
    }

    /** With mean 1. */
    static double logNormal(SplittableRandom random, double sigma) {
        double normal = Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
        return Math.exp(sigma * normal - sigma * sigma / 2);
    }
}
