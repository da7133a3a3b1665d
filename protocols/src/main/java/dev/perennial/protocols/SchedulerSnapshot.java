package dev.perennial.protocols;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The scheduler's whole state as it is kept beside the journal; see {@link DomainSnapshot}. What snapshots of before it was
 * known leave out is as at the beginning.
 *
 * @param lastToken the largest fencing token ever granted
 * @param clock time of the latest event
 * @param landmark from which on the tenants' recent use is doubled
 * @param tenants that have used GPU time
 * @param costs one model for each base, and one for all
 * @param uses token of the latest lease by trainer
 */
public record SchedulerSnapshot(
        long lastToken,
        List<Entry> entries,
        Instant clock,
        Instant landmark,
        List<TenantUse> tenants,
        List<CostFit> costs,
        Map<String, Long> uses) {
    public SchedulerSnapshot {
        entries = List.copyOf(entries);
        clock = Objects.requireNonNullElse(clock, Instant.EPOCH);
        landmark = Objects.requireNonNullElse(landmark, Instant.EPOCH);
        tenants = List.copyOf(Objects.requireNonNullElse(tenants, List.of()));
        costs = List.copyOf(Objects.requireNonNullElse(costs, List.of()));
        uses = Map.copyOf(Objects.requireNonNullElse(uses, Map.of()));
    }

    /**
     * @param trainer who holds the lease; empty while the request waits
     * @param token of the latest lease; 0 before the first
     * @param since when the latest lease was granted or ended, or the request was queued
     * @param ends why each lease ended that did not finish the update, oldest first
     * @param predicted GPU seconds that the update was expected to take when its request came or changed
     * @param yields leases that it gave up for more urgent updates
     * @param returns leases that were handed back
     * @param yieldsTo the update for which its trainer was asked to stop
     * @param placement why its trainer got the lease that is held
     */
    public record Entry(
            UpdateRequest request,
            Optional<String> trainer,
            long token,
            Instant since,
            List<String> ends,
            double predicted,
            int yields,
            int returns,
            Optional<UpdateId> yieldsTo,
            Optional<String> placement) {
        public Entry {
            ends = List.copyOf(ends);
            yieldsTo = Objects.requireNonNullElse(yieldsTo, Optional.empty());
            placement = Objects.requireNonNullElse(placement, Optional.empty());
        }
    }

    /**
     * @param day of the latest lease that ended, since 1970, UTC
     * @param spent GPU seconds on that day of leases that ended on it
     * @param running GPU seconds that are predicted for the leases that are held
     * @param recent GPU seconds of all leases that ended, each doubled for every day between the landmark and its end
     * @param leases how many are held
     * @param unpredicted those of them of which nothing is predicted
     * @param begun when they began, in seconds since 1970, added up
     */
    public record TenantUse(
            String tenant,
            long day,
            double spent,
            double running,
            double recent,
            int leases,
            int unpredicted,
            double begun) {}

    /**
     * What is known of the cost of updates: recursive least squares.
     *
     * @param base digest; empty for the model of all bases together
     * @param weights of the features
     * @param covariance by rows, of as many rows as there are features
     */
    public record CostFit(String base, int observations, List<Double> weights, List<Double> covariance) {
        public CostFit {
            weights = List.copyOf(weights);
            covariance = List.copyOf(covariance);
        }
    }
}
