package dev.perennial.protocols;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The queue as the API shows it: best first. */
public record QueueView(List<Request> requests, List<Trainer> trainers) {
    public QueueView {
        requests = List.copyOf(requests);
        trainers = List.copyOf(trainers);
    }

    /** @param terms what the priority is made of; they add up to it */
    public record Request(
            UpdateId id, double priority, Map<String, Double> terms, int attempts, Optional<String> trainer) {
        public Request {
            terms = Map.copyOf(terms);
        }
    }

    public record Trainer(String id, Optional<UpdateId> update, Optional<Long> token, Instant lastSeen) {}
}
