package dev.perennial.offline;

import dev.perennial.learning.tuning.TuningProgress;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Progress as one line that is written over on a terminal, and as a line every few seconds elsewhere. */
public final class ProgressPrinter implements Consumer<TuningProgress> {
    private static final long EVERY_NANOS = 5_000_000_000L;

    private final PrintWriter out;
    private final boolean terminal;
    private final LongSupplier nanoTime;
    private int longest;
    private long next;
    private boolean first = true;

    /** @param terminal whether a line can be written over */
    public ProgressPrinter(PrintWriter out, boolean terminal, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
    }

    @Override
    public void accept(TuningProgress progress) {
        String line = line(progress);
        long now = nanoTime.getAsLong();
        if (terminal) {
            out.print("\r" + line + " ".repeat(Math.max(0, longest - line.length())));
            longest = Math.max(longest, line.length());
        } else if (first || now - next >= 0 || progress.step() == progress.steps()) {
            out.println(line);
            next = now + EVERY_NANOS;
        }
        first = false;
        out.flush();
    }

    /** Leaves the last line as it is. */
    public void end() {
        if (terminal && !first) {
            out.println();
            out.flush();
        }
    }

    private static String line(TuningProgress now) {
        if (now.phase() == TuningProgress.Phase.REFERENCE) {
            return "parent's log-probabilities " + now.step() + "/" + now.steps();
        }
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "step %d/%d  loss %.4f", now.step(), now.steps(), now.loss()));
        now.heldOutLoss().ifPresent(loss -> line.append(String.format(Locale.ROOT, "  held-out %.4f", loss)));
        now.rewards()
                .ifPresent(rewards -> line.append(String.format(
                        Locale.ROOT, "  reward accuracy %.2f  margin %.3f", rewards.accuracy(), rewards.margin())));
        return line.append(String.format(
                        Locale.ROOT,
                        "  rate %.2e  %.0f tokens/s  %.0f s left",
                        now.rate(),
                        now.tokensPerSecond(),
                        now.secondsLeft()))
                .toString();
    }
}
