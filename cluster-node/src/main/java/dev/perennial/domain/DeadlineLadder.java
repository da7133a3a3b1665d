package dev.perennial.domain;

import dev.perennial.protocols.UpdateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How near a deadline is, in steps: a rank that changed continuously could not be kept in order without sorting anew. The
 * time is counted to when the update has to begin: its deadline less what it is predicted to take.
 */
final class DeadlineLadder {
    /** Hours left at which a request rises, and the share of the term that it has from there on: 1 / (1 + hours). */
    private static final int[] HOURS_LEFT = {64, 32, 16, 8, 4, 2, 1, 0};

    private DeadlineLadder() {}

    /** @return 0 for a deadline that is far away or missing, to 1 from the latest beginning on */
    static double nearness(UpdateRequest request, double predictedSeconds, Instant now) {
        if (request.deadline().isEmpty()) {
            return 0;
        }
        int rung = rung(latestBeginning(request.deadline().get(), predictedSeconds), now);
        return rung == 0 ? 0 : 1.0 / (1 + HOURS_LEFT[rung - 1]);
    }

    /** When the nearness changes next, after now. */
    static Optional<Instant> nextChange(UpdateRequest request, double predictedSeconds, Instant now) {
        return request.deadline().flatMap(deadline -> {
            Instant beginning = latestBeginning(deadline, predictedSeconds);
            int rung = rung(beginning, now);
            return rung == HOURS_LEFT.length
                    ? Optional.empty()
                    : Optional.of(beginning.minus(Duration.ofHours(HOURS_LEFT[rung])));
        });
    }

    private static Instant latestBeginning(Instant deadline, double predictedSeconds) {
        return deadline.minusMillis((long) (predictedSeconds * 1000));
    }

    private static int rung(Instant beginning, Instant now) {
        int rung = 0;
        while (rung < HOURS_LEFT.length && !now.isBefore(beginning.minus(Duration.ofHours(HOURS_LEFT[rung])))) {
            rung++;
        }
        return rung;
    }
}
