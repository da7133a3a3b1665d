package dev.perennial.learning;

/** Linear warm-up over the first steps (at least one), then what the schedule says. */
public final class LearningRate {
    /** Share of the steps that warms up where nothing else is said. */
    public static final double WARM_UP = 0.05;

    /** What follows the warm-up. */
    public enum Schedule {
        /** Half a cosine, to zero. */
        COSINE,
        /** The peak, to the end. */
        CONSTANT
    }

    private LearningRate() {}

    /** A cosine after a warm-up of {@link #WARM_UP}. */
    public static double at(int step, int steps, double peak) {
        return at(step, steps, peak, WARM_UP, Schedule.COSINE);
    }

    /**
     * @param step from 0
     * @param warmUp share of the steps, 0 to 1
     * @return the rate for this step, above 0 and at most {@code peak}
     */
    public static double at(int step, int steps, double peak, double warmUp, Schedule schedule) {
        int warm = Math.max(1, (int) Math.round(steps * warmUp));
        if (step < warm) {
            return peak * (step + 1) / warm;
        }
        if (schedule == Schedule.CONSTANT) {
            return peak;
        }
        double progress = (step - warm + 0.5) / Math.max(1, steps - warm);
        return peak * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
    }
}
