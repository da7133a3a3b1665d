package dev.perennial.learning;

/** Linear warm-up over the first 5 % of the steps (at least one), then a cosine to zero. */
public final class LearningRate {
    private static final double WARM_UP = 0.05;

    private LearningRate() {}

    /**
     * @param step from 0
     * @return the rate for this step, above 0 and at most {@code peak}
     */
    public static double at(int step, int steps, double peak) {
        int warm = Math.max(1, (int) Math.round(steps * WARM_UP));
        if (step < warm) {
            return peak * (step + 1) / warm;
        }
        double progress = (step - warm + 0.5) / Math.max(1, steps - warm);
        return peak * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
    }
}
