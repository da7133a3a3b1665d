package dev.perennial.learning.tuning;

/**
 * Tells a loss that has run away from one that is noisy: its exponential mean (over about 10 steps) was above three times
 * the first loss, and 2 nats more than that first loss, for 20 steps on end. The first bound leaves preference losses room,
 * the second trainings whose loss begins near zero.
 *
 * @param steps seen
 * @param first loss
 * @param mean exponential, of all so far
 * @param above steps on end in which the mean was out of bounds
 */
record LossWatch(long steps, double first, double mean, int above) {
    private static final double KEEP = 0.9;
    private static final double TIMES = 3;
    private static final double NATS = 2;
    private static final int PATIENCE = 20;

    LossWatch() {
        this(0, 0, 0, 0);
    }

    LossWatch after(double loss) {
        if (steps == 0) {
            return new LossWatch(1, loss, loss, 0);
        }
        double now = KEEP * mean + (1 - KEEP) * loss;
        boolean out = now > TIMES * first && now > first + NATS;
        return new LossWatch(steps + 1, first, now, out ? above + 1 : 0);
    }

    boolean ranAway() {
        return above >= PATIENCE;
    }
}
