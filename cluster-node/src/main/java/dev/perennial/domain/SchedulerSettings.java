package dev.perennial.domain;

import java.time.Duration;

/**
 * @param attempts leases an update gets before it is failed, 1 or more
 * @param leaseTimeout a lease ends where its trainer has been silent for longer
 * @param backoff an update whose n-th lease ended waits n times this before the next
 */
public record SchedulerSettings(int attempts, Duration leaseTimeout, Duration backoff) {
    public static final SchedulerSettings DEFAULT =
            new SchedulerSettings(3, Duration.ofSeconds(10), Duration.ofSeconds(5));

    public SchedulerSettings {
        if (attempts < 1 || leaseTimeout.isNegative() || leaseTimeout.isZero() || backoff.isNegative()) {
            throw new IllegalArgumentException("expected attempts >= 1, lease timeout > 0 and backoff >= 0; got "
                    + attempts + ", " + leaseTimeout + " and " + backoff);
        }
    }

    /** The longest time between two heartbeats of a trainer that is well. */
    public Duration heartbeat() {
        return leaseTimeout.dividedBy(3);
    }
}
