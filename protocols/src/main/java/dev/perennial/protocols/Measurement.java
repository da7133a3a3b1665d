package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;
import java.util.Optional;

/**
 * What a trainer measured of an example that it trained on, for the replay buffer to choose by.
 *
 * @param id of the example
 * @param tokens of its sequences, read and learned ones, 1 or more
 * @param loss mean negative log-likelihood of a learned token under the candidate, nats, 0 or more
 * @param herdingRank its place among the update's examples, from 0, where the mean embedding of the first k is as near to
 *     the mean of all as greedy choice brings it (iCaRL, algorithm 4; Rebuffi et al. 2017)
 */
public record Measurement(
        String id,
        int tokens,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Double> loss,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Integer> herdingRank) {
    public Measurement {
        loss = Objects.requireNonNullElse(loss, Optional.empty());
        herdingRank = Objects.requireNonNullElse(herdingRank, Optional.empty());
        Bounds.integer("measurement.tokens", tokens, 1, Integer.MAX_VALUE);
        loss.ifPresent(nats -> Bounds.number("measurement.loss", nats, 0, Double.MAX_VALUE));
        herdingRank.ifPresent(rank -> Bounds.integer("measurement.herding_rank", rank, 0, Integer.MAX_VALUE));
    }
}
