package dev.perennial.offline;

import dev.perennial.learning.tuning.TuningProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Tells on standard error how far a long command is: a line that is rewritten on a terminal, else a line every few seconds.
 * For one thread; close it, which ends the line.
 */
public final class Progress implements Consumer<TuningProgress>, AutoCloseable {
    /** Rows that are done at once are not told of. */
    private static final double QUIET_SECONDS = 3;

    private static final double TERMINAL_SECONDS = 0.5;
    private static final double LINE_SECONDS = 5;

    private final PrintWriter err;
    private final boolean terminal;
    private final LongSupplier nanoTime;
    private final long began;
    private long told;
    private boolean first = true;
    private long rows;
    private long tokens;
    private int longest;
    private boolean open;

    public Progress(PrintWriter err) {
        this(err, isTerminal(), System::nanoTime);
    }

    /** @param terminal whether a line can be written over */
    Progress(PrintWriter err, boolean terminal, LongSupplier nanoTime) {
        this.err = err;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
        this.told = began;
    }

    /** {@link System#console} tells of the other two streams only. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** A step of a training; the first one and the last are told whenever they come. */
    @Override
    public void accept(TuningProgress now) {
        if (first || now.step() == now.steps() || isDue()) {
            tell(line(now));
        }
    }

    /** Counts rows that were done since the last call. */
    void advance(long moreRows, long moreTokens) {
        rows += moreRows;
        tokens += moreTokens;
        double seconds = (nanoTime.getAsLong() - began) / 1e9;
        if (seconds >= QUIET_SECONDS && isDue()) {
            tell(String.format(Locale.ROOT, "%,d rows, %,d tokens, %,.0f tokens/s", rows, tokens, tokens / seconds));
        }
    }

    /** A line of its own, such as an error that does not end the command. */
    void say(String line) {
        close();
        err.println(line);
        err.flush();
    }

    private boolean isDue() {
        return nanoTime.getAsLong() - told >= (terminal ? TERMINAL_SECONDS : LINE_SECONDS) * 1e9;
    }

    private void tell(String line) {
        told = nanoTime.getAsLong();
        first = false;
        if (terminal) {
            // blanks over what a longer line left
            err.print("\r" + line + " ".repeat(Math.max(0, longest - line.length())));
            longest = Math.max(longest, line.length());
        } else {
            err.println(line);
        }
        open = terminal;
        err.flush();
    }

    /** Leaves the last line as it is. */
    @Override
    public void close() {
        if (open) {
            err.println();
            err.flush();
            open = false;
            longest = 0;
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
