package dev.perennial.entity;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Completions asked of a domain: serving resolves its version for each of them. They are journaled by the thousand, or every
 * ten minutes, so that a busy domain's journal does not fill with them. Belongs to one entity and is used on its thread only.
 */
final class TrafficCount {
    private static final int MOST = 1_000;
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private long waiting;
    private Instant counted;

    TrafficCount(Instant now) {
        counted = now;
    }

    void asked(DomainCommand command) {
        if (command instanceof DomainCommand.ResolveVersion resolve && !resolve.uncounted()) {
            waiting++;
        }
    }

    boolean isDue(Instant now) {
        return waiting >= MOST || (waiting > 0 && counted.plus(LONGEST).isBefore(now));
    }

    /** What is to be journaled; it is taken to be so from here on. */
    Optional<DomainEvent> take(Instant now) {
        long taken = waiting;
        waiting = 0;
        counted = now;
        return taken == 0 ? Optional.empty() : Optional.of(new DomainEvent.CompletionsCounted(taken, now));
    }
}
