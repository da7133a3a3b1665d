package dev.perennial.protocols;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The queue as the API shows it: best first, those that run included.
 *
 * @param queued how many requests there are, whether they are shown or not
 */
public record QueueView(int queued, List<Request> requests, List<Trainer> trainers, List<Tenant> tenants) {
    public QueueView {
        requests = List.copyOf(requests);
        trainers = List.copyOf(trainers);
        tenants = List.copyOf(tenants);
    }

    /**
     * @param terms what the priority is made of; they add up to it
     * @param predictedSeconds of a GPU, as it was expected when the request came
     * @param waitsFor why it is not trained although a trainer may be free; empty where only its turn is missing
     * @param placement why its trainer got it; empty while it waits
     */
    public record Request(
            UpdateId id,
            String tenant,
            double priority,
            Map<String, Double> terms,
            double predictedSeconds,
            int attempts,
            Optional<String> trainer,
            Optional<String> waitsFor,
            Optional<String> placement) {
        public Request {
            // In their order, which people read.
            terms = Collections.unmodifiableMap(new LinkedHashMap<>(terms));
            placement = Objects.requireNonNullElse(placement, Optional.empty());
        }
    }

    /**
     * @param draining whether it takes no more leases
     * @param capabilities empty where it has not said
     */
    public record Trainer(
            String id,
            Optional<UpdateId> update,
            Optional<Long> token,
            Instant lastSeen,
            boolean draining,
            Optional<TrainerCapabilities> capabilities) {
        public Trainer {
            capabilities = Objects.requireNonNullElse(capabilities, Optional.empty());
        }

        /** Of which nothing is known but that it takes leases. */
        public Trainer(String id, Optional<UpdateId> update, Optional<Long> token, Instant lastSeen) {
            this(id, update, token, lastSeen, false, Optional.empty());
        }

        public Trainer holding(Optional<Lease> lease) {
            return new Trainer(id, lease.map(Lease::update), lease.map(Lease::token), lastSeen, draining, capabilities);
        }
    }

    /**
     * @param usedToday GPU seconds of leases that ended today (UTC), and what was predicted of those that run
     * @param budgetADay GPU seconds; empty where there is no bound
     * @param share of what all tenants used of late, 0 to 1
     */
    public record Tenant(String id, double usedToday, Optional<Double> budgetADay, double share) {}
}
