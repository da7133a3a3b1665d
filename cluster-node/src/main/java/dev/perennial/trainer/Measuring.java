package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Embeddings;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.continual.Herding;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.Measurement;
import dev.perennial.protocols.ReplayStrategy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a domain's replay buffer chooses by. Tokens cost nothing; a loss, for the strategy that keeps by it, a forward pass over
 * the examples; a place in the order of herding another one and the choice itself, of no more than the buffer can hold.
 */
final class Measuring {
    private final BaseModel base;
    private final DomainPolicy.Replay policy;

    Measuring(BaseModel base, DomainPolicy.Replay policy) {
        this.base = base;
        this.policy = policy;
    }

    /** In the order in which the examples' first items come. */
    List<Measurement> measure(Adapter candidate, List<Item> items) {
        Map<String, List<Integer>> places = new LinkedHashMap<>();
        for (int i = 0; i < items.size(); i++) {
            places.computeIfAbsent(items.get(i).id(), id -> new ArrayList<>()).add(i);
        }
        List<Sequence> sequences = items.stream().map(Item::sequence).toList();
        List<Scoring.Result> results =
                policy.strategy() == ReplayStrategy.LOSS_BASED ? Scoring.score(base, candidate, sequences) : List.of();
        List<Optional<Integer>> ranks = policy.strategy() == ReplayStrategy.HERDING
                ? ranks(embeddings(candidate, sequences, List.copyOf(places.values())))
                : List.of();
        List<Measurement> measurements = new ArrayList<>();
        places.forEach((id, own) -> measurements.add(new Measurement(
                id,
                own.stream().mapToInt(i -> sequences.get(i).ids().length).sum(),
                results.isEmpty() ? Optional.empty() : Optional.of(loss(own, results)),
                ranks.isEmpty() ? Optional.empty() : ranks.get(measurements.size()))));
        return measurements;
    }

    private static double loss(List<Integer> places, List<Scoring.Result> results) {
        double logProbability = 0;
        long tokens = 0;
        for (int place : places) {
            logProbability += results.get(place).logProbability();
            tokens += results.get(place).tokens();
        }
        // Rounding may take the likelihood of what is certain above 1.
        return Math.max(0, -logProbability / tokens);
    }

    /** Of an example in pieces, the mean over its tokens. */
    private List<float[]> embeddings(Adapter candidate, List<Sequence> sequences, List<List<Integer>> examples) {
        List<float[]> each = Embeddings.of(base, candidate, sequences);
        return examples.stream()
                .map(places -> {
                    float[] sum = new float[base.shape().hidden()];
                    for (int place : places) {
                        for (int d = 0; d < sum.length; d++) {
                            sum[d] += each.get(place)[d] * (sequences.get(place).ids().length - 1);
                        }
                    }
                    return sum;
                })
                .toList();
    }

    /** Of each example; those that the buffer could not hold anyway have none. */
    private List<Optional<Integer>> ranks(List<float[]> embeddings) {
        List<Integer> order = Herding.order(embeddings, policy.capacity());
        List<Optional<Integer>> ranks = new ArrayList<>();
        embeddings.forEach(each -> ranks.add(Optional.empty()));
        IntStream.range(0, order.size()).forEach(rank -> ranks.set(order.get(rank), Optional.of(rank)));
        return ranks;
    }
}
