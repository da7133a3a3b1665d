package dev.perennial.offline;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Tells on standard error how far a long command is: a line that is rewritten on a terminal, else a line every few seconds.
 * What is done at once is not told. For one thread; close it, which ends the line.
 */
final class Progress implements AutoCloseable {
    private static final double QUIET_SECONDS = 3;
    private static final double TERMINAL_SECONDS = 0.5;
    private static final double LINE_SECONDS = 10;

    private final PrintWriter err;
    private final boolean terminal;
    private final long began = System.nanoTime();
    private long told = began;
    private long rows;
    private long tokens;
    private boolean open;

    Progress(PrintWriter err) {
        this(err, isTerminal());
    }

    Progress(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
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

    /** Counts what was done since the last call. */
    void advance(long moreRows, long moreTokens) {
        rows += moreRows;
        tokens += moreTokens;
        long now = System.nanoTime();
        double pause = terminal ? TERMINAL_SECONDS : LINE_SECONDS;
        if (now - began >= QUIET_SECONDS * 1e9 && now - told >= pause * 1e9) {
            told = now;
            double seconds = (now - began) / 1e9;
            String line =
                    String.format(Locale.ROOT, "%,d rows, %,d tokens, %,.0f tokens/s", rows, tokens, tokens / seconds);
            // blanks over what a longer line left
            err.print(terminal ? String.format("\r%-60s", line) : line + System.lineSeparator());
            err.flush();
            open = terminal;
        }
    }

    /** A line of its own, such as an error that does not end the command. */
    void say(String line) {
        close();
        err.println(line);
        err.flush();
    }

    @Override
    public void close() {
        if (open) {
            err.println();
            open = false;
        }
    }
}
