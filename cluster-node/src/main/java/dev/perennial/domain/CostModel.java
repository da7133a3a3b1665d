package dev.perennial.domain;

import dev.perennial.protocols.SchedulerSnapshot.CostFit;
import dev.perennial.protocols.UpdateRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pcollections.TreePMap;

/**
 * How many GPU seconds an update will take, learned from those that were done: seconds = w · (1, steps / 100, tokens /
 * 100,000), by recursive least squares that forgets (Haykin, Adaptive Filter Theory, chapter 10). One model for each base,
 * which answers once it has seen enough, and one for all of them together.
 *
 * @param fits by digest of the base; of all together by the empty one
 */
record CostModel(TreePMap<String, CostFit> fits) {
    static final CostModel EMPTY = new CostModel(TreePMap.empty());

    private static final int FEATURES = 3;
    private static final double STEPS = 100;
    private static final double TOKENS = 100_000;
    private static final String ALL = "";

    /** Of what was known, this much is kept with each update: half of it is gone after 138. */
    private static final double FORGETTING = 0.995;

    /** How little is known at first: the variance of a weight. */
    private static final double IGNORANCE = 1e4;

    private static final int ENOUGH = 10;
    private static final double SHORTEST = 1;
    private static final double LONGEST = 1e6;

    static CostModel of(List<CostFit> fits) {
        CostModel model = EMPTY;
        for (CostFit fit : fits) {
            model = new CostModel(model.fits.plus(fit.base(), fit));
        }
        return model;
    }

    List<CostFit> toSnapshot() {
        return List.copyOf(fits.values());
    }

    /** GPU seconds, 1 to 1,000,000; empty before the first update was done. */
    Optional<Double> predict(UpdateRequest request) {
        Optional<CostFit> own = request.signals()
                .base()
                .flatMap(base -> Optional.ofNullable(fits.get(base)))
                .filter(fit -> fit.observations() >= ENOUGH);
        return own.or(() -> Optional.ofNullable(fits.get(ALL)))
                .map(fit -> Math.max(SHORTEST, Math.min(LONGEST, dot(fit.weights(), features(request)))));
    }

    CostModel learn(UpdateRequest request, double seconds) {
        CostModel learned = learn(ALL, request, seconds);
        return request.signals()
                .base()
                .filter(base -> !base.equals(ALL))
                .map(base -> learned.learn(base, request, seconds))
                .orElse(learned);
    }

    private CostModel learn(String base, UpdateRequest request, double seconds) {
        CostFit known = fits.get(base);
        return new CostModel(fits.plus(base, updated(known == null ? ignorant(base) : known, request, seconds)));
    }

    private static CostFit ignorant(String base) {
        List<Double> covariance = new ArrayList<>();
        for (int i = 0; i < FEATURES * FEATURES; i++) {
            covariance.add(i % (FEATURES + 1) == 0 ? IGNORANCE : 0.0);
        }
        return new CostFit(base, 0, List.of(0.0, 0.0, 0.0), covariance);
    }

    /** k = P x / (λ + x'P x); w += k (y - w'x); P = (P - k x'P) / λ. */
    private static CostFit updated(CostFit fit, UpdateRequest request, double seconds) {
        double[] x = features(request);
        double[] px = new double[FEATURES];
        for (int i = 0; i < FEATURES; i++) {
            for (int j = 0; j < FEATURES; j++) {
                px[i] += fit.covariance().get(i * FEATURES + j) * x[j];
            }
        }
        double scale = FORGETTING;
        for (int i = 0; i < FEATURES; i++) {
            scale += x[i] * px[i];
        }
        double error = seconds - dot(fit.weights(), x);
        List<Double> weights = new ArrayList<>();
        double[] covariance = new double[FEATURES * FEATURES];
        for (int i = 0; i < FEATURES; i++) {
            weights.add(fit.weights().get(i) + px[i] / scale * error);
            for (int j = 0; j < FEATURES; j++) {
                covariance[i * FEATURES + j] =
                        (fit.covariance().get(i * FEATURES + j) - px[i] * px[j] / scale) / FORGETTING;
            }
        }
        return new CostFit(fit.base(), fit.observations() + 1, weights, bounded(covariance));
    }

    /**
     * Updates that are all alike say nothing of a feature, and to forget it again and again would let its variance grow for
     * ever: where it passes that of the beginning, its row and its column shrink alike.
     */
    private static List<Double> bounded(double[] covariance) {
        List<Double> bounded = new ArrayList<>();
        for (int i = 0; i < FEATURES; i++) {
            for (int j = 0; j < FEATURES; j++) {
                bounded.add(covariance[i * FEATURES + j] * shrink(covariance, i) * shrink(covariance, j));
            }
        }
        return bounded;
    }

    private static double shrink(double[] covariance, int feature) {
        double variance = covariance[feature * FEATURES + feature];
        return variance > IGNORANCE ? Math.sqrt(IGNORANCE / variance) : 1;
    }

    private static double[] features(UpdateRequest request) {
        return new double[] {
            1, request.signals().steps() / STEPS, request.signals().tokens() / TOKENS
        };
    }

    private static double dot(List<Double> weights, double[] x) {
        double sum = 0;
        for (int i = 0; i < FEATURES; i++) {
            sum += weights.get(i) * x[i];
        }
        return sum;
    }
}
