package dev.perennial.simulations.forgetting;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** A line on a terminal that is written over and over: how much is done, and the time left by what was needed so far. */
final class ProgressBar {
    private static final int CELLS = 30;

    private final PrintStream out;
    private final double work;
    private final LongSupplier nanoseconds;
    private final long began;
    private double done;

    /** @param work amount of all, above 0 */
    ProgressBar(PrintStream out, double work, LongSupplier nanoseconds) {
        this.out = out;
        this.work = work;
        this.nanoseconds = nanoseconds;
        this.began = nanoseconds.getAsLong();
    }

    void advance(double amount, String doing) {
        done += amount;
        double seconds = (nanoseconds.getAsLong() - began) / 1e9;
        double share = Math.min(1, done / work);
        int cells = (int) (share * CELLS);
        out.printf(
                Locale.ROOT,
                "\r[%s%s] %3.0f %%  %s left  %-50s",
                "#".repeat(cells),
                ".".repeat(CELLS - cells),
                100 * share,
                clock(share == 0 ? 0 : seconds * (1 - share) / share),
                doing);
        out.flush();
    }

    /** Leaves the line as it is. */
    void end() {
        out.println();
    }

    private static String clock(double seconds) {
        long whole = Math.round(seconds);
        return String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
    }
}
