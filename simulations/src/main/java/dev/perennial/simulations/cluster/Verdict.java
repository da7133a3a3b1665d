package dev.perennial.simulations.cluster;

import java.util.List;
import java.util.function.Supplier;

/**
 * What became of a run.
 *
 * @param incomplete what kept it from being complete; none where it came to its end
 */
record Verdict(Findings findings, List<String> incomplete) {
    Verdict {
        incomplete = List.copyOf(incomplete);
    }

    /** Something at whose end the invariants are judged. */
    interface Look {
        Findings take() throws InterruptedException;
    }

    /**
     * What a run found that comes to its end, and else what was found until then.
     *
     * @param soFar while the run goes on
     * @param last look at a run that was broken off; it may fail too
     */
    static Verdict of(Supplier<Findings> soFar, Look run, Look last) throws InterruptedException {
        try {
            return new Verdict(run.take(), List.of());
        } catch (RuntimeException failure) {
            return new Verdict(found(soFar, last), List.of(reason(failure)));
        }
    }

    private static Findings found(Supplier<Findings> soFar, Look last) throws InterruptedException {
        try {
            Findings latest = last.take();
            return soFar.get().and(latest);
        } catch (RuntimeException unreadable) {
            return soFar.get();
        }
    }

    static String reason(Throwable failure) {
        return failure instanceof SimulationException ? String.valueOf(failure.getMessage()) : failure.toString();
    }
}
