package dev.perennial.domain;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * @param attempts leases an update gets before it is failed, 1 or more
 * @param leaseTimeout a lease ends where its trainer has been silent for longer
 * @param backoff an update whose n-th lease ended waits n times this before the next
 * @param budgets what tenants may use
 */
public record SchedulerSettings(int attempts, Duration leaseTimeout, Duration backoff, Budgets budgets) {
    public static final SchedulerSettings DEFAULT =
            new SchedulerSettings(3, Duration.ofSeconds(10), Duration.ofSeconds(5));

    public SchedulerSettings {
        if (attempts < 1 || leaseTimeout.isNegative() || leaseTimeout.isZero() || backoff.isNegative()) {
            throw new IllegalArgumentException("expected attempts >= 1, lease timeout > 0 and backoff >= 0; got "
                    + attempts + ", " + leaseTimeout + " and " + backoff);
        }
    }

    /** Without budgets. */
    public SchedulerSettings(int attempts, Duration leaseTimeout, Duration backoff) {
        this(attempts, leaseTimeout, backoff, Budgets.NONE);
    }

    /**
     * GPU seconds that a tenant may use a day, UTC.
     *
     * @param each of a tenant that is not named; empty for no bound
     */
    public record Budgets(Optional<Double> each, Map<String, Double> named) {
        public static final Budgets NONE = new Budgets(Optional.empty(), Map.of());

        public Budgets {
            named = Map.copyOf(named);
        }

        public Optional<Double> of(String tenant) {
            return Optional.ofNullable(named.get(tenant)).or(() -> each);
        }
    }

    /** The longest time between two heartbeats of a trainer that is well. */
    public Duration heartbeat() {
        return leaseTimeout.dividedBy(3);
    }
}
